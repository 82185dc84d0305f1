package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A step of an engine, in a JFR recording. */
@Name("io.github.panllama.EngineStep")
@Label("Engine Step")
@Category("panllama")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Sequences")
    @Description("Generations that got a token")
    int sequences;

    @Label("Prompt Tokens")
    @Description("Tokens of prompts that were computed")
    int promptTokens;

    @Label("Decode Time")
    @Description("Until the device had computed all of it")
    @Timespan(Timespan.NANOSECONDS)
    long decodeTime;

    @Label("Sampling Time")
    @Description("Choosing a token for each of the sequences")
    @Timespan(Timespan.NANOSECONDS)
    long samplingTime;
}
