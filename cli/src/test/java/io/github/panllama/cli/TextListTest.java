package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextListTest {
    private static final List<String> PIECES = List.of("a", "\n", "\r", "\r\n", " ", "é", "😀", "x%", "%%x");

    @Test
    void withoutASeparatorTheWholeStreamIsOneText() {
        assertThat(TextList.split("a\nb\n", null)).containsExactly("a\nb\n");
        assertThat(TextList.split("", null)).containsExactly("");
    }

    @Test
    void aSeparatorTakesTheLineBreaksBesideIt() {
        assertThat(TextList.split("a\n---\nb\n", "---")).containsExactly("a", "b\n");
        assertThat(TextList.split("a\n\n---\n\nb", "---")).containsExactly("a\n", "\nb");
    }

    @Test
    void textsMayBeEmpty() {
        assertThat(TextList.split("", "---")).containsExactly("");
        assertThat(TextList.split("---", "---")).containsExactly("", "");
        assertThat(TextList.split("---\n", "---")).containsExactly("", "");
        assertThat(TextList.split("---\n---\nb", "---")).containsExactly("", "", "b");
        assertThat(TextList.split("a\n---", "---")).containsExactly("a", "");
        assertThat(TextList.split("a\n---\n\n---\nb", "---")).containsExactly("a", "", "b");
    }

    @Test
    void onlyAWholeLineSeparates() {
        assertThat(TextList.split("a\n----\n ---\nb---\n---c", "---")).containsExactly("a\n----\n ---\nb---\n---c");
    }

    @Test
    void anEmptyLineMaySeparate() {
        assertThat(TextList.split("a\n\nb", "")).containsExactly("a", "b");
    }

    @Test
    void aSeparatorOfWindowsTakesTheCarriageReturnBeforeIt() {
        assertThat(TextList.split("a\r\n---\r\nb\r\n", "---")).containsExactly("a", "b\r\n");
    }

    @Test
    void aSeparatorOfUnixLeavesCarriageReturnsToTheTexts() {
        assertThat(TextList.split("a\r\n---\n\rb", "---")).containsExactly("a\r", "\rb");
    }

    @Test
    void joinedTextsAreDividedAgain() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            List<String> texts = new ArrayList<>();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                texts.add(text(random));
            }
            assertThat(TextList.split(String.join("\n%%\n", texts), "%%")).isEqualTo(texts);
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }
}
