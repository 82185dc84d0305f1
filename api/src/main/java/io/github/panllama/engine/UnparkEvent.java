package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A state that comes back to the context from host memory, or is read into that from the disk, in a JFR recording. */
@Name("io.github.panllama.EngineUnpark")
@Label("Engine Unpark")
@Category("panllama")
@StackTrace(false)
final class UnparkEvent extends Event {
    private static final UnparkEvent PROBE = new UnparkEvent();

    @Label("Session")
    @Description("The session that it is of, if any")
    String session = "";

    @Label("From")
    @Description("memory or disk")
    String from = "";

    @Label("Preempted")
    @Description("Whether a generation goes on in its middle")
    boolean preempted;

    @Label("Tokens")
    int tokens;

    @Label("Size")
    @DataAmount(DataAmount.BYTES)
    long bytes;

    /** One that begins now; {@code null} where none is recorded. */
    static @Nullable UnparkEvent start() {
        if (!PROBE.isEnabled()) {
            return null;
        }
        UnparkEvent event = new UnparkEvent();
        event.begin();
        return event;
    }

    void fromMemory(@Nullable Session of, boolean midway, Parked parked) {
        session = of == null ? "" : of.id();
        from = "memory";
        preempted = midway;
        commit(parked);
    }

    void fromDisk(Session of, Parked parked) {
        session = of.id();
        from = "disk";
        commit(parked);
    }

    private void commit(Parked parked) {
        tokens = parked.tokens.length;
        bytes = parked.bytes;
        commit();
    }
}
