package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A generation that ends because it was cancelled, in a JFR recording. */
@Name("io.github.panllama.EngineCancel")
@Label("Engine Cancel")
@Category("panllama")
@StackTrace(false)
final class CancelEvent extends Event {
    private static final CancelEvent PROBE = new CancelEvent();

    @Label("Begun")
    @Description("Whether it had begun; else it was still waiting")
    boolean begun;

    @Label("Generated Tokens")
    int generatedTokens;

    @Label("Duration")
    @Description("From the call of cancel to the end")
    @Timespan(Timespan.NANOSECONDS)
    long time;

    static void record(Job job) {
        if (PROBE.isEnabled()) {
            CancelEvent event = new CancelEvent();
            event.begun = job.begun() != 0;
            event.generatedTokens = job.generated();
            event.time = System.nanoTime() - job.generation().cancelledAt();
            event.commit();
        }
    }
}
