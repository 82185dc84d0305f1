package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A state that comes back to the context from host memory, or is read into that from the disk, in a JFR recording. */
@Name("io.github.panllama.EngineUnpark")
@Label("Engine Unpark")
@Category("panllama")
@StackTrace(false)
final class UnparkEvent extends StateEvent {
    private static final UnparkEvent PROBE = new UnparkEvent();

    @Label("From")
    @Description("memory or disk")
    String from = "";

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
        from = "memory";
        commit(of, midway, parked);
    }

    void fromDisk(Session of, Parked parked) {
        from = "disk";
        commit(of, false, parked);
    }
}
