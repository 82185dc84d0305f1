package io.github.panllama.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticVocabularyTest {
    @ParameterizedTest
    @ValueSource(ints = {264, 265, 512, 2000, 32_000, 151_936})
    void everySizeHasThatManyDistinctTokensAndEveryMergeMakesOne(int size) {
        SyntheticVocabulary vocabulary = SyntheticVocabulary.ofSize(size);

        assertThat(vocabulary.size()).isEqualTo(size);
        assertThat(new HashSet<>(vocabulary.tokens())).hasSize(size);
        assertThat(vocabulary.merges()).hasSize(size - SyntheticVocabulary.MIN_SIZE);
        Set<String> made = new HashSet<>(vocabulary.tokens().subList(0, 256));
        for (String merge : vocabulary.merges()) {
            String[] parts = merge.split(" ", -1);
            assertThat(parts).hasSize(2);
            // never before its parts; asked of the set itself, which does not search
            assertThat(made.contains(parts[0]) && made.contains(parts[1]))
                    .as(merge)
                    .isTrue();
            made.add(parts[0] + parts[1]);
        }
        assertThat(made.equals(new HashSet<>(vocabulary.tokens().subList(0, size - vocabularySpecials()))))
                .isTrue();
    }

    private static int vocabularySpecials() {
        return SyntheticVocabulary.MIN_SIZE - 256;
    }

    @Test
    void aSmallerVocabularyIsTheBeginningOfALargerOne() {
        List<String> small = SyntheticVocabulary.ofSize(512).merges();
        List<String> large = SyntheticVocabulary.ofSize(4096).merges();
        assertThat(large.subList(0, small.size())).isEqualTo(small);
    }

    @Test
    void theFirst256TokensAreTheBytesInOrder() {
        SyntheticVocabulary vocabulary = SyntheticVocabulary.ofSize(SyntheticVocabulary.MIN_SIZE);
        for (int b = 0; b < 256; b++) {
            assertThat(vocabulary.bytes(b)).containsExactly((byte) b);
        }
        assertThat(vocabulary.tokens().get('A')).isEqualTo("A");
        assertThat(vocabulary.tokens().get(' ')).isEqualTo("Ġ");
        assertThat(vocabulary.tokens().get('\n')).isEqualTo("Ċ");
        assertThat(vocabulary.tokens().get(0)).isEqualTo("Ā");
        assertThat(vocabulary.tokens().get(0xAD)).isEqualTo("Ń");
        assertThat(vocabulary.tokens().get(0xFF)).isEqualTo("ÿ");
    }

    @Test
    void everyUnicodeScalarValueIsMadeOfByteTokensAndComesBack() {
        for (int scalar = 0; scalar <= Character.MAX_CODE_POINT; scalar++) {
            if (scalar < Character.MIN_SURROGATE || scalar > Character.MAX_SURROGATE) {
                String text = Character.toString(scalar);
                byte[] bytes = ByteAlphabet.decode(ByteAlphabet.encode(text));
                if (!new String(bytes, StandardCharsets.UTF_8).equals(text)) {
                    throw new AssertionError("U+%04X".formatted(scalar));
                }
            }
        }
    }

    @Test
    void commonWordsAreOneToken() {
        List<String> tokens = SyntheticVocabulary.ofSize(512).tokens();
        Map<String, Integer> ids = new HashMap<>();
        tokens.forEach(token -> ids.put(token, ids.size()));
        assertThat(ids).containsKeys("Ġthe", "Ġand", "Ġwater", "Ġpeople", "Ġnumber");
        assertThat(SyntheticVocabulary.ofSize(512).bytes(ids.getOrDefault("Ġthe", 0)))
                .isEqualTo(" the".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void specialTokensAreTheLastOnes() {
        SyntheticVocabulary vocabulary = SyntheticVocabulary.ofSize(512);
        assertThat(vocabulary.special(SyntheticVocabulary.BOS)).isEqualTo(504);
        assertThat(vocabulary.special(SyntheticVocabulary.EOS)).isEqualTo(505);
        assertThat(vocabulary.special(SyntheticVocabulary.END_THINK)).isEqualTo(511);
        assertThat(vocabulary.tokens().get(505)).isEqualTo("<|endoftext|>");
        assertThat(vocabulary.isSpecial(503)).isFalse();
        assertThat(vocabulary.isSpecial(504)).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> vocabulary.special("<|none|>"));
        assertThatIllegalArgumentException().isThrownBy(() -> vocabulary.bytes(505));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticVocabulary.ofSize(SyntheticVocabulary.MIN_SIZE - 1));
    }
}
