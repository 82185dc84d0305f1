package io.github.panllama.gpu;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import jdk.jfr.FlightRecorder;

/**
 * Samples for JFR recordings: while a monitor is open, the oldest one is asked as often as the recording wants; all would
 * tell the same.
 */
final class SampleEvents {
    // Read by JFR's own thread, which must wait for nobody who waits for JFR.
    private static final List<NvmlSession> OPEN = new CopyOnWriteArrayList<>();
    private static final Object REGISTRATION = new Object();
    private static final Runnable HOOK = SampleEvents::record;

    private SampleEvents() {}

    static void begin(NvmlSession session) {
        synchronized (REGISTRATION) {
            OPEN.add(session);
            if (OPEN.size() == 1) {
                FlightRecorder.addPeriodicEvent(SampleEvent.class, HOOK);
            }
        }
    }

    static void end(NvmlSession session) {
        synchronized (REGISTRATION) {
            if (OPEN.remove(session) && OPEN.isEmpty()) {
                FlightRecorder.removePeriodicEvent(HOOK);
            }
        }
    }

    private static void record() {
        for (NvmlSession oldest : OPEN) {
            try {
                oldest.sample().forEach(sample -> new SampleEvent(sample).commit());
                return;
            } catch (IllegalStateException closedMeanwhile) {
                // The next one tells the same.
            }
        }
    }
}
