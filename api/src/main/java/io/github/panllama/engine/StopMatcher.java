package io.github.panllama.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds stop texts in a text that comes in pieces, and holds back what may be the beginning of one. */
final class StopMatcher {
    private final List<String> stops;
    private final StringBuilder pending = new StringBuilder();
    private @Nullable String found;

    StopMatcher(List<String> stops) {
        this.stops = stops;
    }

    /** Takes a piece and answers what can be given out; once a stop text was found, what stands before it. */
    String append(String piece) {
        if (stops.isEmpty()) {
            return piece;
        }
        pending.append(piece);
        int end = pending.length();
        for (String stop : stops) {
            int at = pending.indexOf(stop);
            if (at >= 0 && at < end) {
                end = at;
                found = stop;
            }
        }
        return take(found == null ? end - heldBack() : end);
    }

    /** What is held back when the text ends. */
    String finish() {
        return found == null ? take(pending.length()) : "";
    }

    /** The stop text that was found, the first in the text. */
    @Nullable
    String found() {
        return found;
    }

    private String take(int count) {
        String taken = pending.substring(0, count);
        pending.delete(0, count);
        return taken;
    }

    /** The length of the longest end of the text with which a stop text begins. */
    private int heldBack() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, pending.length()); length > longest; length--) {
                if (stop.startsWith(pending.substring(pending.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
