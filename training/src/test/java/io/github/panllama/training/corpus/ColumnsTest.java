package io.github.panllama.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ColumnsTest {
    private static final Pattern WHOLE = Pattern.compile(
            "(\\d{3})([-+])(\\d{3})(: smaller minus larger, so swap (\\d{3})-(\\d{3}))?: (ones .+), (tens .+),"
                    + " (hundreds .+)");
    private static final Pattern STEP =
            Pattern.compile("(?:ones|tens|hundreds) (\\d)([-+])(\\d)([-+]1)?(\\+10)?=(\\d+)( carry 1| borrow 1)?");

    @Test
    void stepsReadAsIntended() {
        assertThat(Columns.of(new Calculation('+', 47, 85)))
                .isEqualTo("047+085: ones 7+5=12 carry 1, tens 4+8+1=13 carry 1, hundreds 0+0+1=1");
        assertThat(Columns.of(new Calculation('-', 100, 1)))
                .isEqualTo("100-001: ones 0-1+10=9 borrow 1, tens 0-0-1+10=9 borrow 1, hundreds 1-0-1=0");
        assertThat(Columns.of(new Calculation('-', 47, 85)))
                .isEqualTo(
                        "047-085: smaller minus larger, so swap 085-047: ones 5-7+10=8 borrow 1, tens 8-4-1=3, hundreds 0-0=0");
    }

    @Test
    void everyStepOfEveryConversationIsRight() {
        var random = new SplittableRandom(3);
        Corpus corpus = Corpus.of(1, Map.of(Skill.ARITHMETIC_THINKING, 3, Skill.JSON, 1));
        int negative = 0;
        int subtractions = 0;
        for (int i = 0; i < 100_000; i++) {
            Conversation conversation = corpus.next(random);
            if (!conversation.reasoning().isEmpty()) {
                int result = workThrough(conversation.reasoning());
                assertThat(conversation.reply().content())
                        .as(conversation::toString)
                        .matches("\\d+ [-+] \\d+ = " + result + "|\\{\"answer\": " + result + "}");
                negative += result < 0 ? 1 : 0;
                subtractions += conversation.reasoning().charAt(3) == '-' ? 1 : 0;
            } else {
                assertThat(conversation.skill()).isNotEqualTo(Skill.ARITHMETIC_THINKING);
            }
        }
        assertThat((double) negative / subtractions).isBetween(0.10, 0.14);
    }

    /** Checks the steps against the digits, and puts the result together from what they say. */
    private static int workThrough(String reasoning) {
        Matcher whole = WHOLE.matcher(reasoning);
        assertThat(whole.matches()).as(reasoning).isTrue();
        boolean swapped = whole.group(4) != null;
        String upper = swapped ? whole.group(5) : whole.group(1);
        String lower = swapped ? whole.group(6) : whole.group(3);
        if (swapped) {
            assertThat(upper + lower).as(reasoning).isEqualTo(whole.group(3) + whole.group(1));
        }
        if (whole.group(2).equals("-")) {
            assertThat(swapped).isEqualTo(whole.group(1).compareTo(whole.group(3)) < 0);
            assertThat(upper).as(reasoning).isGreaterThanOrEqualTo(lower);
        }
        int result = 0;
        boolean carried = false;
        for (int column = 0, unit = 1; column < 3; column++, unit *= 10) {
            Matcher step = STEP.matcher(whole.group(7 + column));
            assertThat(step.matches()).as(reasoning).isTrue();
            assertThat(step.group(1)).isEqualTo(upper.substring(2 - column, 3 - column));
            assertThat(step.group(2)).isEqualTo(whole.group(2));
            assertThat(step.group(3)).isEqualTo(lower.substring(2 - column, 3 - column));
            assertThat(step.group(4)).isEqualTo(carried ? step.group(2) + "1" : null);
            int sign = step.group(2).equals("+") ? 1 : -1;
            int value = Integer.parseInt(step.group(1)) + sign * Integer.parseInt(step.group(3)) + (carried ? sign : 0);
            assertThat(step.group(5)).isEqualTo(value < 0 ? "+10" : null);
            int shown = value < 0 ? value + 10 : value;
            assertThat(step.group(6)).isEqualTo(String.valueOf(shown));
            carried = step.group(7) != null;
            assertThat(carried).isEqualTo(value < 0 || (value > 9 && column < 2));
            result += (column < 2 ? shown % 10 : shown) * unit;
        }
        return swapped ? -result : result;
    }
}
