package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A state that leaves the context for host memory, or is written to the disk from there, in a JFR recording. */
@Name("io.github.panllama.EnginePark")
@Label("Engine Park")
@Category("panllama")
@StackTrace(false)
final class ParkEvent extends Event {
    private static final ParkEvent PROBE = new ParkEvent();

    @Label("Session")
    @Description("The session that it is of, if any")
    String session = "";

    @Label("To")
    @Description("memory or disk")
    String to = "";

    @Label("Preempted")
    @Description("Whether a generation gives its sequence up in its middle")
    boolean preempted;

    @Label("Tokens")
    int tokens;

    @Label("Size")
    @DataAmount(DataAmount.BYTES)
    long bytes;

    /** One that begins now; {@code null} where none is recorded. */
    static @Nullable ParkEvent start() {
        if (!PROBE.isEnabled()) {
            return null;
        }
        ParkEvent event = new ParkEvent();
        event.begin();
        return event;
    }

    void toMemory(@Nullable Session of, boolean midway, Parked parked) {
        session = of == null ? "" : of.id();
        to = "memory";
        preempted = midway;
        commit(parked);
    }

    void toDisk(Session of, Parked parked) {
        session = of.id();
        to = "disk";
        commit(parked);
    }

    private void commit(Parked parked) {
        tokens = parked.tokens.length;
        bytes = parked.bytes;
        commit();
    }
}
