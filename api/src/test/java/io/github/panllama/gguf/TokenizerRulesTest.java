package io.github.panllama.gguf;

import static io.github.panllama.gguf.GgufValidator.Rules.SPECIAL_TOKENS;
import static io.github.panllama.gguf.GgufValidator.Rules.TEMPLATE;
import static io.github.panllama.gguf.GgufValidator.Rules.TOKENIZER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vocabularies that llama.cpp asserts to be otherwise are refused. */
class TokenizerRulesTest {
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";

    private static List<String> tokens() {
        try {
            GgufFile file = GgufFile.read(Damaged.whole(Architecture.LLAMA));
            return new ArrayList<>(file.metadata().array(TOKENS).orElseThrow().strings());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GgufValue tokens(int index, String text) {
        List<String> tokens = tokens();
        tokens.set(index, text);
        return GgufValue.texts(tokens);
    }

    @Test
    void arraysHaveTheirTypesAndOneElementForEachToken() {
        Damaged.llama().set(TOKENS, GgufValue.int32s(1)).refused(TOKENIZER, TOKENS, "must be an array of [STRING]");
        Damaged.llama().set(TOKENS, 1).refused(TOKENIZER, TOKENS, "is a UINT32, must be an array of [STRING]");
        Damaged.llama().set(TOKENS, GgufValue.texts(List.of())).refused(TOKENIZER, TOKENS, "has 0 tokens");
        Damaged.llama()
                .set(TYPES, GgufValue.int32s(1))
                .refused(TOKENIZER, TYPES, "must have one for each of 512 tokens");
        Damaged.llama()
                .set(TYPES, GgufValue.wholes(GgufType.INT8, new long[512]))
                .refused(TOKENIZER, TYPES, "is an array of INT8, must be an array of [INT32]");
        String scores = "tokenizer.ggml.scores";
        Damaged.llama().set(scores, GgufValue.float32s(1)).refused(TOKENIZER, scores, "has 1 elements");
        Damaged.llama()
                .set(scores, GgufValue.float64s(new double[512]))
                .refused(TOKENIZER, scores, "is an array of FLOAT64");
        String merges = "tokenizer.ggml.merges";
        Damaged.llama().set(merges, GgufValue.int32s(1)).refused(TOKENIZER, merges, "must be an array of [STRING]");
        Damaged.llama()
                .set("llama.vocab_size", 1L << 30)
                .refused(TOKENIZER, "llama.vocab_size", "is 1073741824, must be in [0, 16777216]");
    }

    @Test
    void tokensAreThereOnceAsCReadsThem() {
        Damaged.llama().set(TOKENS, tokens(300, tokens().get(7))).refused(TOKENIZER, TOKENS, "the second time at 300");
        Damaged.llama()
                .set(TOKENS, tokens(300, tokens().get(200) + "\0more"))
                .refused(TOKENIZER, TOKENS, "the second time at 300");
        List<String> named = tokens();
        named.set(5, "");
        named.set(300, "[EMPTY_5]");
        Damaged.llama().set(TOKENS, GgufValue.texts(named)).refused(TOKENIZER, TOKENS, "the second time at 300");
        List<String> empty = tokens();
        empty.set(5, "");
        empty.set(300, "");
        empty.set(301, "\0\0");
        Damaged.llama().set(TOKENS, GgufValue.texts(empty)).passes();
    }

    @Test
    void repeatedTextsAreFoundWhereverTheyAre() {
        var random = new Random(5);
        List<String> texts = IntStream.range(0, 3000).mapToObj(i -> "t" + i).toList();
        assertThat(RepeatedText.find(TextArray.of(texts))).isEqualTo(-1);
        for (int i = 0; i < 200; i++) {
            List<String> repeating = new ArrayList<>(texts);
            int second = random.nextInt(1, texts.size());
            repeating.set(second, texts.get(random.nextInt(second)));
            assertThat(RepeatedText.find(TextArray.of(repeating))).isEqualTo(second);
        }
        assertThat(RepeatedText.find(TextArray.of(List.of()))).isEqualTo(-1);
    }

    /** Sums of powers of any odd number: the words of 128 letters that count the ones of an index by evenness. */
    @Test
    void textsOfTheSameHashTakeNoLongerThanOthers() {
        StringBuilder even = new StringBuilder();
        StringBuilder odd = new StringBuilder();
        for (int i = 0; i < 128; i++) {
            boolean one = Integer.bitCount(i) % 2 == 1;
            even.append(one ? 'b' : 'a');
            odd.append(one ? 'a' : 'b');
        }
        int bits = 13;
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 1 << bits; i++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < bits; bit++) {
                text.append((i >> bit & 1) == 0 ? even : odd);
            }
            texts.add(text.toString());
        }
        assertTimeout(
                Duration.ofSeconds(20),
                () -> assertThat(RepeatedText.find(TextArray.of(texts))).isEqualTo(-1));
        texts.set(4000, texts.get(17));
        assertThat(RepeatedText.find(TextArray.of(texts))).isEqualTo(4000);
    }

    @Test
    void tokensAreNotTooLong() {
        Damaged.llama().set(TOKENS, tokens(9, "x".repeat(20_000))).refused(TOKENIZER, TOKENS, "20000 bytes at 9");
        Damaged.llama()
                .set("tokenizer.ggml.model", "rwkv")
                .set(TOKENS, tokens(9, "x".repeat(2000)))
                .refused(TOKENIZER, TOKENS, "2000 bytes at 9, at most 1024");
    }

    @Test
    void wordPiecesHaveNoTokensOfBytes() {
        int[] types = new int[512];
        types[17] = 6;
        Damaged.model(Architecture.BERT)
                .set(TYPES, GgufValue.int32s(types))
                .set("tokenizer.ggml.model", "bert")
                .refused(TOKENIZER, TYPES, "token 17 is a byte");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bos", "eos", "eot", "unknown", "seperator", "padding", "mask", "fim_pre", "suffix"})
    void idsOfSpecialTokensAreInTheVocabulary(String name) {
        String key = "tokenizer.ggml." + name + "_token_id";
        for (long id : new long[] {512, 0x7fff_ffffL, 0xffff_fffeL}) {
            Damaged.llama().set(key, id).refused(SPECIAL_TOKENS, key, "is " + id + ", must be below the 512 tokens");
        }
        Damaged.llama().set(key, 511).passes();
    }

    @Test
    void tokensThatAreAddedToTextsAreThere() {
        String begin = "tokenizer.ggml.bos_token_id";
        Damaged.llama()
                .set("tokenizer.ggml.pre", "glm4")
                .set("tokenizer.ggml.add_bos_token", GgufValue.bool(true))
                .set(begin, 0xffff_ffffL)
                .refused(SPECIAL_TOKENS, begin, "names no token");
        Damaged.model(Architecture.BERT)
                .set("tokenizer.ggml.model", "t5")
                .set("tokenizer.ggml.add_bos_token", GgufValue.bool(true))
                .set(begin, 0xffff_ffffL)
                .refused(SPECIAL_TOKENS, begin, "names no token");
        Damaged.llama()
                .set("tokenizer.ggml.model", "gemma4")
                .set(begin, 0xffff_ffffL)
                .refused(SPECIAL_TOKENS, begin, "names no token");
    }

    @Test
    void templatesAreNotTooLongOrTooDeep() {
        String key = GgufEditor.CHAT_TEMPLATE;
        Damaged.llama().set(key, "x".repeat((1 << 18) + 1)).refused(TEMPLATE, key, "has 262145 characters");
        Damaged.llama().set(key, "{{ " + "(".repeat(10_000)).refused(TEMPLATE, key, "nests deeper than 64");
        Damaged.llama()
                .set(key + ".tool_use", "{% if x %}".repeat(100))
                .refused(TEMPLATE, key + ".tool_use", "nests deeper than 64");
    }
}
