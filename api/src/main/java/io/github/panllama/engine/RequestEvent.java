package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A generation that has ended, in a JFR recording. */
@Name("io.github.panllama.EngineRequest")
@Label("Engine Request")
@Category("panllama")
@StackTrace(false)
final class RequestEvent extends Event {
    @Label("Finish Reason")
    String finishReason = "";

    @Label("Prompt Tokens")
    int promptTokens;

    @Label("Cached Tokens")
    int cachedTokens;

    @Label("Generated Tokens")
    int generatedTokens;

    @Label("Duration")
    @Timespan(Timespan.NANOSECONDS)
    long time;
}
