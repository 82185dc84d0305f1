package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void theFirstStopInTheTextCounts() {
        StopMatcher matcher = new StopMatcher(List.of("dog", "og a", "cat"));
        assertThat(matcher.append("the do")).isEqualTo("the ");
        assertThat(matcher.found()).isNull();
        assertThat(matcher.append("g and a cat")).isEmpty();
        assertThat(matcher.found()).isEqualTo("dog");
        assertThat(matcher.finish()).isEmpty();
    }

    @Test
    void whatIsNoStopAfterAllIsGivenOut() {
        StopMatcher matcher = new StopMatcher(List.of("aab"));
        assertThat(matcher.append("xaa")).isEqualTo("x");
        assertThat(matcher.append("a")).isEqualTo("a");
        assertThat(matcher.append("c")).isEqualTo("aac");
        assertThat(matcher.append("a")).isEmpty();
        assertThat(matcher.finish()).isEqualTo("a");
        assertThat(matcher.found()).isNull();
    }

    /** However the text is cut, what is given out is the text before the first stop. */
    @Test
    void theCutsDoNotMatter() {
        Random random = new Random(11);
        for (int round = 0; round < 20_000; round++) {
            String text = letters(random, random.nextInt(30));
            List<String> stops = List.of(letters(random, random.nextInt(1, 5)), letters(random, random.nextInt(1, 4)));
            StopMatcher matcher = new StopMatcher(stops);
            StringBuilder given = new StringBuilder();
            for (int at = 0; at < text.length() && matcher.found() == null; ) {
                int next = Math.min(text.length(), at + random.nextInt(1, 6));
                given.append(matcher.append(text.substring(at, next)));
                at = next;
            }
            given.append(matcher.finish());
            int end = stops.stream()
                    .mapToInt(stop -> text.indexOf(stop))
                    .filter(at -> at >= 0)
                    .min()
                    .orElse(text.length());
            // A stop may be whole before a longer one that began earlier: then the shorter one ends the text.
            assertThat(text).startsWith(given);
            if (matcher.found() == null) {
                assertThat(given).hasToString(text);
                assertThat(end).isEqualTo(text.length());
            } else {
                assertThat(text.substring(given.length())).startsWith(matcher.found());
                assertThat(stops).noneMatch(given.toString()::contains);
            }
        }
    }

    private static String letters(Random random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }
}
