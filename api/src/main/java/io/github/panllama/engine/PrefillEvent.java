package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A prompt that is computed to its end, in a JFR recording. */
@Name("io.github.panllama.EnginePrefill")
@Label("Engine Prefill")
@Category("panllama")
@StackTrace(false)
final class PrefillEvent extends Event {
    private static final PrefillEvent PROBE = new PrefillEvent();

    @Label("Prompt Tokens")
    int promptTokens;

    @Label("Cached Tokens")
    @Description("Tokens of the prompt that did not have to be computed")
    int cachedTokens;

    @Label("Duration")
    @Description("From the begin to the end of the prompt, the steps of others between its pieces included")
    @Timespan(Timespan.NANOSECONDS)
    long time;

    static void record(Job job) {
        if (PROBE.isEnabled()) {
            PrefillEvent event = new PrefillEvent();
            event.promptTokens = job.prompt().length;
            event.cachedTokens = job.cached();
            event.time = System.nanoTime() - job.begun();
            event.commit();
        }
    }
}
