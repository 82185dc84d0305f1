package io.github.panllama.abuse;

import io.github.panllama.gpu.EnergySource;
import io.github.panllama.gpu.GpuCard;
import io.github.panllama.gpu.GpuMemory;
import io.github.panllama.gpu.GpuMonitor;
import io.github.panllama.gpu.GpuRecording;
import io.github.panllama.gpu.GpuSample;
import io.github.panllama.gpu.GpuSampler;
import io.github.panllama.gpu.GpuUsage;
import io.github.panllama.gpu.ThrottleReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Samples of what watches cards, over a library that stands in for the driver's. */
final class GpuSamples {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final GpuCard CARD = new GpuCard(0, "card", "GPU-1", "00000000:01:00.0", Optional.of("9.0"));

    private GpuSamples() {}

    static GpuMonitor monitor(AbuseFixture fixture) {
        System.setProperty("panllama.nvml.path", fixture.file(AbuseFiles.NVML).toString());
        return GpuMonitor.open();
    }

    static void register(Map<String, Samples.Maker> makers) {
        Samples.put(makers, GpuMonitor.class, samples -> monitor(samples.fixture()));
        Samples.put(
                makers,
                GpuSampler.class,
                samples -> ((GpuMonitor) samples.value(GpuMonitor.class)).sampleEvery(INTERVAL, given -> {}));
        Samples.put(
                makers, GpuRecording.class, samples -> ((GpuMonitor) samples.value(GpuMonitor.class)).record(INTERVAL));
        Samples.put(makers, GpuCard.class, samples -> CARD);
        Samples.put(makers, GpuMemory.class, samples -> memory());
        Samples.put(makers, GpuSample.class, samples -> sample());
        Samples.put(makers, GpuUsage.class, samples -> GpuUsage.of(List.of(sample())));
        Samples.put(makers, ThrottleReason.class, samples -> ThrottleReason.IDLE);
        Samples.put(makers, EnergySource.class, samples -> EnergySource.NONE);
        Samples.put(makers, Instant.class, samples -> Instant.EPOCH);
        Samples.put(makers, OptionalDouble.class, samples -> OptionalDouble.of(1));
        Samples.put(makers, OptionalLong.class, samples -> OptionalLong.of(1));
        makers.put("java.util.List<io.github.panllama.gpu.GpuSample>", samples -> List.of(sample()));
        makers.put("java.util.Optional<io.github.panllama.gpu.GpuMemory>", samples -> Optional.of(memory()));
        makers.put("java.util.Set<io.github.panllama.gpu.ThrottleReason>", samples -> Set.of(ThrottleReason.IDLE));
        makers.put("java.util.function.Consumer<java.util.List<io.github.panllama.gpu.GpuSample>>", samples ->
                (Consumer<List<GpuSample>>) given -> {});
    }

    private static GpuMemory memory() {
        return new GpuMemory(10, 4, 5, 1);
    }

    private static GpuSample sample() {
        return new GpuSample(
                CARD,
                Instant.EPOCH,
                0,
                Optional.of(memory()),
                OptionalLong.of(1),
                OptionalInt.of(1),
                OptionalInt.of(1),
                OptionalDouble.of(1),
                OptionalDouble.of(1),
                OptionalDouble.of(1),
                OptionalInt.of(1),
                OptionalInt.of(1),
                OptionalInt.of(1),
                Set.of(ThrottleReason.IDLE),
                Optional.empty());
    }
}
