package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyEndTest {
    private static final List<String> STOPS = List.of("</assistant>", "<end>");

    /** The reply that pieces make, with a dot after each piece that is given out. */
    private static String pieces(String... pieces) {
        ReplyEnd end = new ReplyEnd(STOPS);
        StringBuilder given = new StringBuilder();
        for (String piece : pieces) {
            given.append(end.append(piece)).append('.');
        }
        return given.append(end.finish()).toString();
    }

    @Test
    void theTextThatEndsAReplyIsLeftOutHoweverItIsCut() {
        String text = "It is 132 < 133.</assistant> and more <end>";
        for (int first = 0; first <= text.length(); first++) {
            for (int second = first; second <= text.length(); second++) {
                String given = pieces(text.substring(0, first), text.substring(first, second), text.substring(second));
                assertThat(given.replace(".", "")).isEqualTo("It is 132 < 133");
            }
        }
    }

    @Test
    void whatMayBeItsBeginningIsHeldBackAndComesWhenItIsNot() {
        assertThat(pieces("a </as", "sist", "ance")).isEqualTo("a ..</assistance.");
        assertThat(pieces("a </as")).isEqualTo("a .</as");
        assertThat(pieces("a <", "<e", "nd>x")).isEqualTo("a .<..");
    }

    @Test
    void withoutSuchTextsNothingIsHeldBack() {
        ReplyEnd end = new ReplyEnd(List.of());
        assertThat(end.append("</assistant>")).isEqualTo("</assistant>");
        assertThat(end.finish()).isEmpty();
    }
}
