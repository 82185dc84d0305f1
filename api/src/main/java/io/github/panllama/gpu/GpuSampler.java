package io.github.panllama.gpu;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives samples to a listener at an interval. A listener that takes longer than that is not called in a hurry afterwards:
 * what was missed is left out.
 *
 * <p><b>Threads.</b> The listener runs on the thread {@code panllama-gpu-sampler}, a daemon. Any thread may close, the
 * listener's too.
 */
public final class GpuSampler implements AutoCloseable {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    private final GpuMonitor monitor;
    private final long interval;
    private final Consumer<List<GpuSample>> listener;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    private GpuSampler(GpuMonitor monitor, Duration interval, Consumer<List<GpuSample>> listener) {
        this.monitor = monitor;
        this.interval = interval.toNanos();
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name("panllama-gpu-sampler").unstarted(this::run);
    }

    static GpuSampler start(GpuMonitor monitor, Duration interval, Consumer<List<GpuSample>> listener) {
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(interval, "interval");
        monitor.checkOpen();
        checkInterval(interval);
        GpuSampler sampler = new GpuSampler(monitor, interval, listener);
        sampler.thread.start();
        return sampler;
    }

    static void checkInterval(Duration interval) {
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The interval is %s, must be in [%s, %s]".formatted(interval, SHORTEST, LONGEST));
        }
    }

    private void run() {
        long next = System.nanoTime();
        try {
            while (ended.getCount() > 0) {
                List<GpuSample> samples;
                try {
                    samples = monitor.sample();
                } catch (IllegalStateException monitorClosed) {
                    return;
                }
                listener.accept(samples);
                next = Math.max(next - System.nanoTime() + interval, 0) + System.nanoTime();
                if (ended.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /**
     * Ends it, and waits for a call of the listener that runs.
     *
     * @throws IllegalStateException if the listener has failed, which has ended the samples at that moment; only the
     *     first call says so
     */
    @Override
    public void close() {
        stop();
        Throwable thrown = failure;
        failure = null;
        if (thrown != null) {
            throw new IllegalStateException("The listener of GPU samples has failed", thrown);
        }
    }

    private void stop() {
        ended.countDown();
        if (Thread.currentThread() == thread) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
