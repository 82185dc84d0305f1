package io.github.panllama.mutants;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends a process that computes too long at one file, or stands still. Time of the processor counts, because the machine
 * may be busy with other work.
 */
final class Watch implements AutoCloseable {
    private static final Duration MOST_COMPUTED = Duration.ofSeconds(20);
    private static final Duration MOST_WAITED = Duration.ofMinutes(3);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ProcessHandle process;
    private Duration computed = Duration.ZERO;
    private long since = System.nanoTime();

    Watch(ProcessHandle process) {
        this.process = process;
        var _ = timer.scheduleAtFixedRate(this::look, 1, 1, TimeUnit.SECONDS);
    }

    /** Another file begins. */
    synchronized void restart() {
        computed = now();
        since = System.nanoTime();
    }

    private synchronized void look() {
        boolean busy = now().minus(computed).compareTo(MOST_COMPUTED) > 0;
        boolean late = System.nanoTime() - since > MOST_WAITED.toNanos();
        if (busy || late) {
            process.destroyForcibly(); // of the handle: the process's own closes what is still to be read
        }
    }

    private Duration now() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
