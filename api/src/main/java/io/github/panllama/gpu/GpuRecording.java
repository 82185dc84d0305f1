package io.github.panllama.gpu;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures what cards do from its begin to its end, both moments included however long the interval is.
 *
 * <p><b>Threads.</b> Any thread may stop it.
 */
public final class GpuRecording implements AutoCloseable {
    private final GpuMonitor monitor;
    private final Object stopping = new Object();
    private final Map<GpuCard, UsageSum> sums = new LinkedHashMap<>();
    private @Nullable GpuSampler sampler;
    private @Nullable List<GpuUsage> result;

    private GpuRecording(GpuMonitor monitor) {
        this.monitor = monitor;
    }

    static GpuRecording start(GpuMonitor monitor, Duration interval) {
        monitor.checkOpen();
        GpuSampler.checkInterval(interval);
        GpuRecording recording = new GpuRecording(monitor);
        recording.add(monitor.sample());
        recording.begin(interval);
        return recording;
    }

    private void begin(Duration interval) {
        synchronized (stopping) {
            sampler = GpuSampler.start(monitor, interval, this::add);
        }
    }

    private synchronized void add(List<GpuSample> samples) {
        for (GpuSample sample : samples) {
            sums.computeIfAbsent(sample.card(), UsageSum::new).add(sample);
        }
    }

    /**
     * Ends it.
     *
     * @return what each card did, in their order; the same again when it was ended before. Where the monitor was closed
     *     first, up to the last sample before that
     */
    public List<GpuUsage> stop() {
        synchronized (stopping) {
            if (result == null) {
                if (sampler != null) {
                    sampler.close();
                }
                result = finish();
            }
            return result;
        }
    }

    private synchronized List<GpuUsage> finish() {
        try {
            add(monitor.sample());
        } catch (IllegalStateException monitorClosed) {
            // What there is must do.
        }
        return sums.values().stream().map(UsageSum::usage).toList();
    }

    /** Ends it. Later calls do nothing. */
    @Override
    public void close() {
        stop();
    }
}
