package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** What was kept of a finished generation and had to make room in the KV cache, in a JFR recording. */
@Name("io.github.panllama.EngineEvict")
@Label("Engine Evict")
@Category("panllama")
@StackTrace(false)
final class EvictEvent extends Event {
    private static final EvictEvent PROBE = new EvictEvent();

    @Label("Sequence")
    int sequence;

    @Label("Tokens")
    @Description("Tokens that the sequence held")
    int tokens;

    @Label("Freed Cells")
    @Description("Cells that no other sequence shares")
    int freedCells;

    @Label("Session")
    @Description("The session that it was of, if any")
    String session = "";

    @Label("Parked")
    @Description("Whether the session is kept outside the KV cache; else it is computed again when it goes on")
    boolean parked;

    /** One of a sequence that is about to be emptied; {@code null} where none is recorded. */
    static @Nullable EvictEvent of(Slot slot, SessionStore sessions) {
        if (!PROBE.isEnabled()) {
            return null;
        }
        EvictEvent event = new EvictEvent();
        event.sequence = slot.sequence();
        event.tokens = slot.length();
        Session of = slot.session();
        if (of != null) {
            event.session = of.id();
            event.parked = sessions.parked(of) != null;
        }
        return event;
    }
}
