package io.github.panllama.engine;

import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stop texts, found in a text that comes in pieces, against a search that begins anew with every piece. */
public final class StopTarget implements FuzzTarget {
    /** Few, so that texts have stops in them; two that begin with the same half. */
    private static final String[] LETTERS = {"a", "b", "\n", "ä", "\uD83D\uDE00", "\uD83D\uDE01"};

    @Override
    public void run(byte[] input) {
        Input in = new Input(input);
        List<String> stops = new ArrayList<>();
        for (int i = in.below(5); i > 0; i--) {
            stops.add(letters(in, 1 + in.below(8)));
        }
        StopMatcher matcher = new StopMatcher(stops);
        StringBuilder text = new StringBuilder();
        StringBuilder given = new StringBuilder();
        while (!in.isEmpty() && matcher.found() == null) {
            String piece = letters(in, in.below(7));
            text.append(piece);
            String now = matcher.append(piece);
            given.append(now);
            Expect.that(
                    now.isEmpty() || !Character.isHighSurrogate(now.charAt(now.length() - 1)), "characters are whole");
            check(stops, text.toString(), given.toString(), matcher.found());
        }
        boolean stopped = matcher.found() != null;
        given.append(matcher.finish());
        if (!stopped) {
            Expect.equal(given.toString(), text.toString(), "all that came and all that was given");
        }
    }

    private static void check(List<String> stops, String text, String given, @Nullable String found) {
        int first = text.length();
        for (String stop : stops) {
            int at = text.indexOf(stop);
            first = at >= 0 ? Math.min(first, at) : first;
        }
        if (first < text.length()) {
            Expect.equal(given, text.substring(0, first), "what stands before the first stop, and what was given");
            Expect.that(found != null && stops.contains(found) && text.startsWith(found, first), "the stop is there");
            return;
        }
        Expect.that(found == null, "no stop is found where there is none");
        int held = 0;
        for (int length = 1; length <= text.length(); length++) {
            String end = text.substring(text.length() - length);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                held = length;
            }
        }
        Expect.equal(given, text.substring(0, text.length() - held), "what can be no stop, and what was given");
    }

    private static String letters(Input in, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(LETTERS[in.below(LETTERS.length)]);
        }
        return text.toString();
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(new byte[] {0, 3, 0, 1, 2}, new byte[] {1, 1, 0, 1, 3, 0, 0, 1, 2, 2, 2}, new byte[] {
            2, 2, 0, 0, 1, 0, 4, 2, 0, 5, 3, 0, 0, 4, 3, 1, 1, 1
        });
    }
}
