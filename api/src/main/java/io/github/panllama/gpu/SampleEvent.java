package io.github.panllama.gpu;

import java.util.stream.Collectors;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Frequency;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** What a card said of itself, in a JFR recording. A number that it does not tell is -1. */
@Name("io.github.panllama.GpuSample")
@Label("GPU Sample")
@Category("panllama")
@Description("What a card says of itself while a GPU monitor is open; what it does not tell is -1")
@Period("1 s")
@StackTrace(false)
final class SampleEvent extends Event {
    private static final int UNKNOWN = -1;
    private static final float PERCENT = 100;

    @Label("Index")
    @Description("Its place in the driver's list")
    int index;

    @Label("Name")
    String name;

    @Label("UUID")
    String uuid;

    @Label("Used Memory")
    @DataAmount(DataAmount.BYTES)
    long usedMemory;

    @Label("Free Memory")
    @DataAmount(DataAmount.BYTES)
    long freeMemory;

    @Label("Utilization")
    @Percentage
    float utilization;

    @Label("Power")
    @Description("Watts")
    double watts;

    @Label("Energy")
    @Description("Joules since the driver was loaded")
    double joules;

    @Label("Temperature")
    @Description("Degrees Celsius")
    int temperature;

    @Label("SM Clock")
    @Frequency
    long smClock;

    @Label("Memory Clock")
    @Frequency
    long memoryClock;

    @Label("Throttle Reasons")
    String throttleReasons;

    SampleEvent(GpuSample sample) {
        index = sample.card().index();
        name = sample.card().name();
        uuid = sample.card().uuid();
        usedMemory = sample.memory().map(GpuMemory::used).orElse((long) UNKNOWN);
        freeMemory = sample.memory().map(GpuMemory::free).orElse((long) UNKNOWN);
        utilization = sample.utilization().isPresent() ? sample.utilization().getAsInt() / PERCENT : UNKNOWN;
        watts = sample.watts().orElse(UNKNOWN);
        joules = sample.joules().orElse(UNKNOWN);
        temperature = sample.temperature().orElse(UNKNOWN);
        smClock = sample.smClock().isPresent() ? hertz(sample.smClock().getAsInt()) : UNKNOWN;
        memoryClock =
                sample.memoryClock().isPresent() ? hertz(sample.memoryClock().getAsInt()) : UNKNOWN;
        throttleReasons =
                sample.throttleReasons().stream().map(ThrottleReason::name).collect(Collectors.joining(", "));
    }

    private static long hertz(int megahertz) {
        return megahertz * 1_000_000L;
    }
}
