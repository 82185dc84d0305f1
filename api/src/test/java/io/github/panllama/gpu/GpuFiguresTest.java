package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.panllama.Device;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Real cards and the driver's own library. Without a GPU it is skipped, or fails under {@code -Dpanllama.gpu.required};
 * where something else stands in for one ({@code -Dpanllama.gpu.tests}), it asks the cards that there are, if any.
 */
@Tag("gpu")
class GpuFiguresTest {
    private static final long MIB = 1 << 20;
    private static final boolean STANDS_IN =
            !System.getProperty("panllama.gpu.tests", "gpu").equals("gpu");

    /** What is held against a monitor. */
    private interface Check {
        void of(GpuMonitor monitor) throws Exception;
    }

    @BeforeEach
    void skipWithoutGpu() {
        assumeFalse(Device.gpus().isEmpty() && !STANDS_IN && !Boolean.getBoolean("panllama.gpu.required"));
    }

    private static void check(Check check) throws Exception {
        if (STANDS_IN && GpuMonitor.openIfPresent().map(GpuFiguresTest::closed).isEmpty()) {
            return;
        }
        try (GpuMonitor monitor = GpuMonitor.open()) {
            check.of(monitor);
        }
    }

    private static GpuMonitor closed(GpuMonitor monitor) {
        monitor.close();
        return monitor;
    }

    @Test
    void everyCudaDeviceIsACardWithItsMemory() throws Exception {
        check(monitor -> {
            assertThat(monitor.driverVersion()).isPresent();
            assertThat(monitor.cudaVersion())
                    .hasValueSatisfying(version -> assertThat(version).matches("\\d+\\.\\d"));
            List<Device> devices = Device.gpus().stream()
                    .filter(device -> device.backend().equals("CUDA"))
                    .toList();
            assertThat(devices.isEmpty()).as("no device of CUDA").isEqualTo(STANDS_IN);
            for (Device device : devices) {
                GpuCard card = monitor.card(device).orElseThrow();
                assertThat(card.uuid()).startsWith("GPU-");
                assertThat(card.computeCapability()).isPresent();
                GpuSample sample = monitor.sample().get(monitor.cards().indexOf(card));
                assertThat(sample.fault()).isEmpty();
                sample.memory()
                        .ifPresent(memory -> assertThat(memory.total())
                                .as("as llama.cpp tells it, but for what the driver keeps")
                                .isBetween(
                                        device.totalMemory(),
                                        device.totalMemory() + device.totalMemory() / 10 + 512 * MIB));
            }
        });
    }

    @Test
    void figuresArePlausible() throws Exception {
        check(monitor -> assertThat(monitor.sample()).allSatisfy(sample -> {
            sample.memory()
                    .ifPresent(memory -> assertThat(memory.used() + memory.free() + memory.reserved())
                            .isBetween(memory.total() - 2 * MIB, memory.total() + 2 * MIB));
            sample.watts().ifPresent(watts -> assertThat(watts).isBetween(1.0, 3000.0));
            sample.powerLimit().ifPresent(watts -> assertThat(watts).isBetween(5.0, 3000.0));
            sample.temperature().ifPresent(degrees -> assertThat(degrees).isBetween(5, 120));
            sample.smClock().ifPresent(clock -> assertThat(clock).isBetween(50, 5000));
            sample.utilization().ifPresent(percent -> assertThat(percent).isBetween(0, 100));
        }));
    }

    @Test
    void theEnergyOfSomeSecondsAgreesWithThePower() throws Exception {
        check(monitor -> {
            CountDownLatch samples = new CountDownLatch(60);
            try (GpuRecording recording = monitor.record(Duration.ofMillis(50));
                    GpuSampler _ = monitor.sampleEvery(Duration.ofMillis(50), given -> samples.countDown())) {
                assertThat(samples.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(recording.stop())
                        .allSatisfy(usage -> usage.joules().ifPresent(joules -> {
                            double seconds = usage.duration().toNanos() / 1e9;
                            assertThat(joules / seconds)
                                    .as(usage.toString())
                                    .isBetween(1.0, 1.5 * usage.peakWatts().orElse(3000));
                        }));
            }
        });
    }
}
