package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A state that leaves the context for host memory, or is written to the disk from there, in a JFR recording. */
@Name("io.github.panllama.EnginePark")
@Label("Engine Park")
@Category("panllama")
@StackTrace(false)
final class ParkEvent extends StateEvent {
    private static final ParkEvent PROBE = new ParkEvent();

    @Label("To")
    @Description("memory or disk")
    String to = "";

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
        to = "memory";
        commit(of, midway, parked);
    }

    void toDisk(Session of, Parked parked) {
        to = "disk";
        commit(of, false, parked);
    }
}
