package io.github.panllama.gpu;

import java.util.ArrayList;
import java.util.List;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Samples for JFR recordings: while a monitor is open, the oldest one is asked as often as the recording wants; all would
 * tell the same.
 */
final class SampleEvents {
    private static final List<NvmlSession> OPEN = new ArrayList<>();
    private static final Runnable HOOK = SampleEvents::record;

    private SampleEvents() {}

    static void begin(NvmlSession session) {
        synchronized (OPEN) {
            OPEN.add(session);
            if (OPEN.size() == 1) {
                FlightRecorder.addPeriodicEvent(SampleEvent.class, HOOK);
            }
        }
    }

    static void end(NvmlSession session) {
        synchronized (OPEN) {
            if (OPEN.remove(session) && OPEN.isEmpty()) {
                FlightRecorder.removePeriodicEvent(HOOK);
            }
        }
    }

    private static @Nullable NvmlSession oldest() {
        synchronized (OPEN) {
            return OPEN.isEmpty() ? null : OPEN.getFirst();
        }
    }

    private static void record() {
        NvmlSession session = oldest();
        if (session == null) {
            return;
        }
        List<GpuSample> samples;
        try {
            samples = session.sample();
        } catch (IllegalStateException closedMeanwhile) {
            return;
        }
        samples.forEach(sample -> new SampleEvent(sample).commit());
    }
}
