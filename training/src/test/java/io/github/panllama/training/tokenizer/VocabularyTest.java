package io.github.panllama.training.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private final Vocabulary vocabulary = new VocabularyTrainer()
            .add(Stream.of("low low low lower lower newest newest newest newest newest 12345 12345", "Größe ﬂ 😀"))
            .train(List.of("<a>", "<b>"), 270);

    @Test
    void theMostFrequentPairComesFirst() {
        // "we" is in seven words, no other pair in more than five.
        assertThat(vocabulary.size()).isEqualTo(270);
        assertThat(vocabulary.merges())
                .hasSize(12)
                .doesNotHaveDuplicates()
                .startsWith("w e")
                .contains("l o");
        assertThat(vocabulary.tokens().subList(256, 258)).containsExactly("<a>", "<b>");
    }

    @Test
    void digitsAreNeverMerged() {
        assertThat(vocabulary.encode("12345")).containsExactly(0x31, 0x32, 0x33, 0x34, 0x35);
    }

    @Test
    void everyTextComesBackFromItsTokens() {
        for (String text : List.of("newest lower", "Größe ﬂ 😀", "tabs\t\tand\n\nlines  ", "it's 3 o'clock")) {
            StringBuilder letters = new StringBuilder();
            vocabulary
                    .encode(text)
                    .forEach(id -> letters.append(vocabulary.tokens().get(id)));
            StringBuilder expected = new StringBuilder();
            Vocabulary.bytes(text).forEach(b -> expected.append(ByteLetters.letter(b)));
            assertThat(letters).hasToString(expected.toString());
        }
        assertThat(vocabulary.encode(" newest")).hasSize(1);
    }

    @Test
    void tooFewPairsAreSaid() {
        VocabularyTrainer trainer = new VocabularyTrainer().add(Stream.of("ab"));
        assertThatThrownBy(() -> trainer.train(List.of(), 300))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("smaller vocabulary");
    }
}
