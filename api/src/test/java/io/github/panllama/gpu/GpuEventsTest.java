package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GpuEventsTest {
    private static final String NAME = "io.github.panllama.GpuSample";

    @TempDir
    static Path folder;

    private static NvmlStandIn standIn;

    @BeforeAll
    static void compile() throws Exception {
        standIn = NvmlStandIn.compile(folder);
    }

    @Test
    void aRecordingHasTheCardsWhileAMonitorIsOpenAndOnceHoweverManyAre() throws Exception {
        BlockingQueue<RecordedEvent> events = new LinkedBlockingQueue<>();
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable(NAME).withPeriod(Duration.ofMillis(100));
            stream.setReuse(false);
            stream.onEvent(NAME, events::add);
            try (GpuMonitor monitor = standIn.open();
                    GpuMonitor second = standIn.open()) {
                assertThat(second.cards()).isEqualTo(monitor.cards());
                stream.startAsync();
                assertFirst(take(events));
                assertSecond(take(events));
                assertThat(take(events).getInt("index"))
                        .as("one event a card and period")
                        .isZero();
            }
            stream.stop();
        }
        events.clear();
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable(NAME).withPeriod(Duration.ofMillis(10));
            stream.onEvent(NAME, events::add);
            stream.startAsync();
            stream.stop();
        }
        assertThat(events).as("none once the monitors are closed").isEmpty();
    }

    private static RecordedEvent take(BlockingQueue<RecordedEvent> events) throws InterruptedException {
        return java.util.Objects.requireNonNull(events.poll(30, TimeUnit.SECONDS));
    }

    private static void assertFirst(RecordedEvent event) {
        assertThat(event.getInt("index")).isZero();
        assertThat(event.getString("name")).isEqualTo("Stand-in A80");
        assertThat(event.getLong("usedMemory")).isEqualTo(4_983_939_072L);
        assertThat(event.getFloat("utilization")).isEqualTo(0.87f);
        assertThat(event.getDouble("watts")).isEqualTo(350.25);
        assertThat(event.getDouble("joules")).isEqualTo(123_456_789.012);
        assertThat(event.getInt("temperature")).isEqualTo(61);
        assertThat(event.getLong("smClock")).isEqualTo(1_755_000_000);
        assertThat(event.getString("throttleReasons")).isEqualTo("POWER_CAP, HARDWARE_THERMAL_SLOWDOWN");
    }

    private static void assertSecond(RecordedEvent event) {
        assertThat(List.of(event.getInt("index"), event.getInt("temperature"))).containsExactly(1, -1);
        assertThat(event.getDouble("watts")).isEqualTo(-1);
        assertThat(event.getLong("freeMemory")).isEqualTo(6_500_000_000L);
        assertThat(event.getLong("smClock")).isEqualTo(-1);
    }
}
