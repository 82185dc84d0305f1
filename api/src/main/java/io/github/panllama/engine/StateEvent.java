package io.github.panllama.engine;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import org.jspecify.annotations.Nullable;

/** What a state that leaves a context and one that comes back have in common in a JFR recording. */
abstract class StateEvent extends Event {
    @Label("Session")
    @Description("The session that it is of, if any")
    String session = "";

    @Label("Preempted")
    @Description("Whether it is of a generation that has given its sequence up in its middle")
    boolean preempted;

    @Label("Tokens")
    int tokens;

    @Label("Size")
    @DataAmount(DataAmount.BYTES)
    long bytes;

    void commit(@Nullable Session of, boolean midway, Parked parked) {
        session = of == null ? "" : of.id();
        preempted = midway;
        tokens = parked.tokens.length;
        bytes = parked.bytes;
        commit();
    }
}
