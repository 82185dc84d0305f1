package io.github.panllama.chat;

import java.util.List;

/** Finds the text that ends a reply, however it is cut into pieces, and holds back what may be its beginning. */
final class ReplyEnd {
    private final List<String> stops;
    private String pending = "";
    private boolean found;

    ReplyEnd(List<String> stops) {
        this.stops = stops;
    }

    /** Takes a piece, and answers what belongs to the reply for certain. */
    String append(String more) {
        if (found || stops.isEmpty()) {
            return found ? "" : more;
        }
        String text = pending + more;
        int end = stops.stream()
                .mapToInt(text::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
        found = end >= 0;
        int certain = found ? end : text.length() - held(text);
        pending = found ? "" : text.substring(certain);
        return text.substring(0, certain);
    }

    /** What was held back and turns out to belong to the reply, which goes no further. */
    String finish() {
        String rest = pending;
        pending = "";
        return rest;
    }

    private int held(String text) {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, text.length()); length > longest; length--) {
                if (text.endsWith(stop.substring(0, length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
