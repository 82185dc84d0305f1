package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokenizerTest {
    private static final SyntheticVocabulary VOCABULARY = SyntheticVocabulary.ofSize(TestModels.VOCABULARY);
    private static final int BOS = VOCABULARY.special(SyntheticVocabulary.BOS);
    private static final int USER = VOCABULARY.special(SyntheticVocabulary.USER);
    private static final int THINK = VOCABULARY.special(SyntheticVocabulary.THINK);

    private static LlamaModel model;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void load() {
        model = LlamaModel.load(
                TestModels.file(Architecture.LLAMA),
                TestModels.cpu().vocabularyOnly(true).build());
        tokenizer = model.tokenizer();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void everyUnicodeScalarValueComesBack() {
        StringBuilder text = new StringBuilder();
        int checked = 0;
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                text.appendCodePoint(c);
                checked++;
            }
            if (text.length() >= 4096 || c == Character.MAX_CODE_POINT) {
                checkRoundTrip(text.toString());
                text.setLength(0);
            }
        }
        assertThat(checked).isEqualTo(0x110000 - 0x800);
    }

    /** Alone, a character can meet another rule than among its like. */
    @Test
    void everyCharacterOfTheBasicPlaneComesBackAlone() {
        IntStream.range(0, 0x3000).forEach(c -> checkRoundTrip(Character.toString(c)));
        IntStream.range(0xE000, 0x10000).filter(c -> c % 7 == 0).forEach(c -> checkRoundTrip(Character.toString(c)));
    }

    private static void checkRoundTrip(String text) {
        assertThat(tokenizer.decode(tokenizer.encode(text, false, false))).isEqualTo(text);
    }

    @Test
    void anEmptyTextHasNoTokensAndNoTokensAreAnEmptyText() {
        assertThat(tokenizer.encode("", false, true)).isEmpty();
        assertThat(tokenizer.decode()).isEmpty();
        assertThat(tokenizer.encode("", true, true)).containsExactly(BOS);
    }

    @Test
    void aLongTextNeedsNoMoreThanOneCall() {
        String text = "Lorem ipsum, dolor sit amet; 1234567890 \u00e4\u6f22\ud83d\ude00\n".repeat(20_000);
        int[] tokens = tokenizer.encode(text);
        assertThat(tokens[0]).isEqualTo(BOS);
        assertThat(tokenizer.decode(tokens)).isEqualTo(text);
    }

    @Test
    void aLoneSurrogateBecomesAQuestionMark() {
        assertThat(tokenizer.decode(tokenizer.encode("a\ud800b", false, false))).isEqualTo("a?b");
    }

    @Test
    void specialTokensAreParsedOnlyWhereAsked() {
        String text = "a<|user|>b";
        assertThat(tokenizer.encode(text, false, true)).containsExactly('a', USER, 'b');
        int[] plain = tokenizer.encode(text, false, false);
        assertThat(plain).doesNotContain(USER);
        assertThat(tokenizer.decode(plain)).isEqualTo(text);
    }

    @Test
    void specialTokensAreWrittenOutOnlyWhereAsked() {
        int[] tokens = {BOS, 'a', USER, 'b'};
        assertThat(tokenizer.decode(tokens)).isEqualTo("ab");
        assertThat(tokenizer.decode(tokens, true)).isEqualTo("<|bos|>a<|user|>b");
        assertThat(tokenizer.piece(USER, false)).isEmpty();
        assertThat(new String(tokenizer.piece(USER, true), StandardCharsets.UTF_8))
                .isEqualTo("<|user|>");
    }

    @Test
    void tokensThatUsersDefinedAreAlwaysParsedAndShown() {
        assertThat(tokenizer.encode("<think>", false, false)).containsExactly(THINK);
        assertThat(tokenizer.decode(THINK)).isEqualTo("<think>");
    }

    @Test
    void attributesTellTextFromMarks() {
        assertThat(tokenizer.attributes('a')).containsExactly(TokenAttribute.NORMAL);
        assertThat(tokenizer.attributes(USER)).contains(TokenAttribute.CONTROL);
        assertThat(tokenizer.attributes(THINK)).contains(TokenAttribute.USER_DEFINED);
        assertThat(tokenizer.isControl(USER)).isTrue();
        assertThat(tokenizer.isControl('a')).isFalse();
        assertThat(tokenizer.isEndOfGeneration(VOCABULARY.special(SyntheticVocabulary.EOS)))
                .isTrue();
        assertThat(tokenizer.isEndOfGeneration('a')).isFalse();
    }

    @Test
    void theFileNamesTheSpecialTokens() {
        assertThat(tokenizer.size()).isEqualTo(TestModels.VOCABULARY);
        assertThat(tokenizer.type()).isEqualTo(VocabularyType.BYTE_PAIR);
        assertThat(tokenizer.beginOfText()).hasValue(BOS);
        assertThat(tokenizer.endOfText()).hasValue(VOCABULARY.special(SyntheticVocabulary.EOS));
        assertThat(tokenizer.padding()).hasValue(VOCABULARY.special(SyntheticVocabulary.PAD));
        assertThat(tokenizer.separator()).isEqualTo(OptionalInt.empty());
        assertThat(tokenizer.mask()).isEqualTo(OptionalInt.empty());
        assertThat(tokenizer.fillMiddle()).isEqualTo(OptionalInt.empty());
        assertThat(tokenizer.addsBeginOfText()).isTrue();
        assertThat(tokenizer.addsEndOfText()).isFalse();
        assertThat(tokenizer.text(BOS)).isEqualTo("<|bos|>");
        assertThat(tokenizer.newline()).hasValue('\n');
    }

    @Test
    void idsOutOfRangeAreRefusedEverywhere() {
        for (int token : new int[] {-1, TestModels.VOCABULARY, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertOutOfRange(() -> tokenizer.decode('a', token));
            assertOutOfRange(() -> tokenizer.piece(token, true));
            assertOutOfRange(() -> tokenizer.text(token));
            assertOutOfRange(() -> tokenizer.score(token));
            assertOutOfRange(() -> tokenizer.attributes(token));
            assertOutOfRange(() -> tokenizer.isEndOfGeneration(token));
            assertOutOfRange(() -> tokenizer.isControl(token));
            assertOutOfRange(() -> tokenizer.newStreamingDecoder().append(token));
        }
    }

    private static void assertOutOfRange(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("[0, " + TestModels.VOCABULARY + ")");
    }

    @Test
    void theStreamingDecoderGivesTheTextOfAllTokens() {
        Random random = new Random(7);
        for (int round = 0; round < 100_000; round++) {
            int[] tokens =
                    random.ints(random.nextInt(8), 0, TestModels.VOCABULARY).toArray();
            boolean special = random.nextBoolean();
            StreamingDecoder decoder = tokenizer.newStreamingDecoder(special);
            StringBuilder text = new StringBuilder();
            for (int token : tokens) {
                String part = decoder.append(token);
                assertThat(part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1)))
                        .isTrue();
                text.append(part);
            }
            text.append(decoder.finish());
            assertThat(text.toString()).isEqualTo(tokenizer.decode(tokens, special));
        }
    }

    @Test
    void aCharacterOfFourTokensComesOutWhole() {
        StreamingDecoder decoder = tokenizer.newStreamingDecoder();
        byte[] grin = "\ud83d\ude00".getBytes(StandardCharsets.UTF_8);
        // The first 256 tokens are the bytes.
        assertThat(decoder.append(grin[0] & 0xff)).isEmpty();
        assertThat(decoder.append(grin[1] & 0xff)).isEmpty();
        assertThat(decoder.append(grin[2] & 0xff)).isEmpty();
        assertThat(decoder.append(grin[3] & 0xff)).isEqualTo("\ud83d\ude00");
        assertThat(decoder.append(grin[0] & 0xff)).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\ufffd");
        assertThat(decoder.append('a')).isEqualTo("a");
    }
}
