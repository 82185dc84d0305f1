package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.gpu.NvmlStandIn.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GpuSamplerTest {
    private static final Duration SHORT = Duration.ofMillis(1);

    @TempDir
    static Path folder;

    private static NvmlStandIn standIn;

    @BeforeAll
    static void compile() throws Exception {
        standIn = NvmlStandIn.compile(folder);
    }

    @Test
    void aListenerIsGivenSamplesInOrderUntilTheEnd() throws Exception {
        BlockingQueue<List<GpuSample>> given = new LinkedBlockingQueue<>();
        try (GpuMonitor monitor = standIn.open()) {
            GpuSampler sampler = monitor.sampleEvery(SHORT, given::add);
            long last = Long.MIN_VALUE;
            for (int i = 0; i < 5; i++) {
                List<GpuSample> samples = given.take();
                assertThat(samples).hasSize(2);
                assertThat(samples.getFirst().nanoTime()).isGreaterThan(last);
                last = samples.getFirst().nanoTime();
            }
            sampler.close();
            sampler.close();
            given.clear();
            assertThat(given.poll(20, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void aListenerThatFailsEndsTheSamplesAndIsToldAtTheClose() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        try (GpuMonitor monitor = standIn.open()) {
            GpuSampler sampler = monitor.sampleEvery(SHORT, samples -> {
                called.countDown();
                throw new IllegalArgumentException("no more");
            });
            called.await();
            assertThatThrownBy(sampler::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasRootCauseMessage("no more");
            assertThatCode(sampler::close).doesNotThrowAnyException();
        }
    }

    @Test
    void aListenerMayCloseWhatCallsIt() throws Exception {
        AtomicReference<GpuSampler> own = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        List<Throwable> failures = new ArrayList<>();
        GpuMonitor monitor = standIn.open();
        GpuSampler sampler = monitor.sampleEvery(SHORT, samples -> {
            try {
                begun.await();
                own.get().close();
                monitor.close();
            } catch (InterruptedException | RuntimeException e) {
                failures.add(e);
            } finally {
                closed.countDown();
            }
        });
        own.set(sampler);
        begun.countDown();
        closed.await();
        sampler.close();
        assertThat(monitor.isClosed()).isTrue();
        assertThat(failures).isEmpty();
    }

    @Test
    void aMonitorThatClosesEndsItsSamplers() throws Exception {
        CountDownLatch called = new CountDownLatch(2);
        GpuMonitor monitor = standIn.open();
        GpuSampler sampler = monitor.sampleEvery(SHORT, samples -> called.countDown());
        called.await();
        monitor.close();
        assertThatCode(sampler::close).doesNotThrowAnyException();
        assertThatThrownBy(() -> monitor.sampleEvery(SHORT, samples -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> monitor.record(SHORT)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT0.000999S", "PT1H0.001S", "PT999999999999S"})
    void anIntervalOutOfBoundsIsNamed(String interval) {
        try (GpuMonitor monitor = standIn.open()) {
            Duration duration = Duration.parse(interval);
            assertThatThrownBy(() -> monitor.sampleEvery(duration, samples -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(duration.toString(), "PT0.001S", "PT1H");
            assertThatThrownBy(() -> monitor.record(duration)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aRecordingHasItsFirstAndLastMomentHoweverLongTheInterval() {
        try (GpuMonitor monitor = standIn.open()) {
            standIn.set(State.ENERGY, 10_000);
            GpuRecording recording = monitor.record(Duration.ofHours(1));
            standIn.set(State.ENERGY, 260_500);
            List<GpuUsage> usages = recording.stop();
            standIn.set(State.ENERGY, 999_999);
            assertThat(recording.stop()).isSameAs(usages);
            assertThat(usages).extracting(GpuUsage::card).isEqualTo(monitor.cards());
            GpuUsage first = usages.getFirst();
            assertThat(first.energySource()).isEqualTo(EnergySource.COUNTER);
            assertThat(first.joules().orElseThrow()).isCloseTo(250.5, within(1e-9));
            double seconds = first.duration().toNanos() / 1e9;
            assertThat(first.meanWatts().orElseThrow()).isCloseTo(250.5 / seconds, within(1e-6));
            assertThat(first.peakMemory()).hasValue(4_983_939_072L);
            assertThat(usages.get(1).energySource()).isEqualTo(EnergySource.NONE);
            assertThat(usages.get(1).peakMemory()).hasValue(1_500_000_000L);
            recording.close();
        }
    }

    @Test
    void aRecordingWhoseMonitorIsClosedHasWhatCameBefore() {
        GpuMonitor monitor = standIn.open();
        GpuRecording recording = monitor.record(Duration.ofHours(1));
        monitor.close();
        assertThat(recording.stop())
                .hasSize(2)
                .allSatisfy(usage -> assertThat(usage.samples()).isBetween(1, 2));
    }

    @Test
    void threadsThatAskNeverReachADriverThatWasLetGo() throws Exception {
        standIn.set(State.LATE_CALLS, 0);
        standIn.set(State.DELAY, 300);
        try {
            for (int round = 0; round < 10; round++) {
                GpuMonitor monitor = standIn.open();
                CountDownLatch asking = new CountDownLatch(4);
                List<Thread> threads = new ArrayList<>();
                BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
                for (int i = 0; i < 4; i++) {
                    threads.add(Thread.ofPlatform().start(() -> askUntilClosed(monitor, asking, failures)));
                }
                asking.await();
                monitor.close();
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThat(failures).isEmpty();
            }
        } finally {
            standIn.set(State.DELAY, 0);
        }
        assertThat(standIn.get(State.LATE_CALLS)).isZero();
    }

    private static void askUntilClosed(GpuMonitor monitor, CountDownLatch asking, BlockingQueue<Throwable> failures) {
        try {
            while (true) {
                List<GpuSample> samples = monitor.sample();
                asking.countDown();
                if (samples.getFirst().watts().isEmpty()) {
                    failures.add(new AssertionError("a sample without power"));
                }
            }
        } catch (IllegalStateException closed) {
            if (!monitor.isClosed()) {
                failures.add(closed);
            }
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }
}
