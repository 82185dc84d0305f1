package io.github.panllama.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why something of a setting was not measured. */
final class Faults {
    private final List<String> texts = new ArrayList<>();
    private boolean failed;

    /** Something went wrong. */
    void failed(String who, @Nullable String why) {
        failed = true;
        texts.add(who + ": " + why);
    }

    /** Nothing went wrong, there was no more time. */
    void timeWasOver(String who) {
        texts.add(who + ": the time was over");
    }

    /** Whether something else than the time is why. */
    boolean hasFailed() {
        return failed;
    }

    /** All of them; {@code null} where there is none. */
    @Nullable
    String text() {
        return texts.isEmpty() ? null : String.join("; ", texts);
    }
}
