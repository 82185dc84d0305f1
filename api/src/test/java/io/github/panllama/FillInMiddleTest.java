package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FillInMiddleTest {
    private static final SyntheticVocabulary VOCABULARY = SyntheticVocabulary.ofSize(TestModels.VOCABULARY);
    private static final int[] BOS = {VOCABULARY.special(SyntheticVocabulary.BOS)};
    private static final int[] PREFIX = {VOCABULARY.special(SyntheticVocabulary.SYSTEM)};
    private static final int[] SUFFIX = {VOCABULARY.special(SyntheticVocabulary.USER)};
    private static final int[] MIDDLE = {VOCABULARY.special(SyntheticVocabulary.ASSISTANT)};
    private static final int[] REPOSITORY = {VOCABULARY.special(SyntheticVocabulary.THINK)};
    private static final int[] FILE = {VOCABULARY.special(SyntheticVocabulary.END_THINK)};

    /** The llama model with tokens for gaps, and for files where {@code files} says so. */
    private static LlamaModel model(boolean files) throws IOException {
        GgufEditor editor = GgufEditor.of(GgufFile.read(TestModels.file(Architecture.LLAMA)))
                .set("tokenizer.ggml.fim_pre_token_id", GgufValue.uint32(PREFIX[0]))
                .set("tokenizer.ggml.fim_suf_token_id", GgufValue.uint32(SUFFIX[0]))
                .set("tokenizer.ggml.fim_mid_token_id", GgufValue.uint32(MIDDLE[0]));
        if (files) {
            editor.set("tokenizer.ggml.fim_rep_token_id", GgufValue.uint32(REPOSITORY[0]))
                    .set("tokenizer.ggml.fim_sep_token_id", GgufValue.uint32(FILE[0]));
        }
        Path file = TestModels.path("gaps-" + files + ".gguf");
        editor.write(file);
        return LlamaModel.load(file, TestModels.cpu().build());
    }

    private static int[] plain(LlamaModel model, String text) {
        return model.tokenizer().encode(text, false, false);
    }

    private static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }

    @Test
    void whatIsBeforeAndAfterTheGapStandsAfterItsToken() throws IOException {
        try (LlamaModel model = model(false)) {
            int[] before = plain(model, "int add(int a) {<|user|>\n");
            int[] after = plain(model, "\n}");
            FillInMiddle.Builder builder = FillInMiddle.builder(model)
                    .prefix("int add(int a) {<|user|>\n")
                    .suffix("\n}");
            assertThat(builder.build().tokens()).containsExactly(join(BOS, PREFIX, before, SUFFIX, after, MIDDLE));
            assertThat(builder.suffixFirst(true).build().tokens())
                    .containsExactly(join(BOS, SUFFIX, after, PREFIX, before, MIDDLE));
            int[] start = model.tokenizer().encode("return <|user|>", false, true);
            assertThat(builder.suffixFirst(false)
                            .beginning("return <|user|>")
                            .build()
                            .tokens())
                    .containsExactly(join(BOS, PREFIX, before, start, SUFFIX, after, MIDDLE));
        }
    }

    @Test
    void otherFilesComeBeforeEachWithItsName() throws IOException {
        try (LlamaModel model = model(true)) {
            int[] prompt = FillInMiddle.builder(model)
                    .repository("tools")
                    .file("a.c", "int a;")
                    .file("b.c", "int b;")
                    .fileName("c.c")
                    .prefix("int c")
                    .build()
                    .tokens();
            assertThat(prompt)
                    .containsExactly(join(
                            REPOSITORY,
                            plain(model, "tools\n"),
                            FILE,
                            plain(model, "a.c\n"),
                            plain(model, "int a;"),
                            FILE,
                            plain(model, "b.c\n"),
                            plain(model, "int b;"),
                            FILE,
                            plain(model, "c.c\n"),
                            BOS,
                            PREFIX,
                            plain(model, "int c"),
                            SUFFIX,
                            MIDDLE));
        }
        try (LlamaModel model = model(false)) {
            int[] prompt = FillInMiddle.builder(model)
                    .file("a.c", "int a;")
                    .prefix("int c")
                    .build()
                    .tokens();
            assertThat(prompt)
                    .containsExactly(join(
                            plain(model, "\n\n--- snippet ---\n\n"),
                            plain(model, "int a;"),
                            BOS,
                            PREFIX,
                            plain(model, "int c"),
                            SUFFIX,
                            MIDDLE));
        }
    }

    @Test
    void whatIsFarFromTheGapIsLeftOut() throws IOException {
        String digits = "0123456789".repeat(10); // a token each
        try (LlamaModel model = model(true)) {
            FillInMiddle.Builder builder = FillInMiddle.builder(model)
                    .prefix(digits)
                    .suffix(digits)
                    .beginning("7")
                    .surroundings(40)
                    .contextSize(100);
            int[] tokens = plain(model, digits);
            assertThat(tokens).hasSize(100);
            int[] before = Arrays.copyOfRange(tokens, 70, 100);
            int[] after = Arrays.copyOf(tokens, 7);
            int[] gap = join(BOS, PREFIX, before, plain(model, "7"), SUFFIX, after, MIDDLE);
            assertThat(builder.maxTokens(30).build().tokens()).containsExactly(gap);
            int[] names = join(
                    REPOSITORY,
                    plain(model, "myproject\n"),
                    FILE,
                    plain(model, "a\n"),
                    tokens,
                    FILE,
                    plain(model, "filename\n"));
            int[] kept = Arrays.copyOfRange(names, names.length - 50, names.length);
            assertThat(builder.file("a", digits).maxTokens(5).build().tokens()).containsExactly(join(kept, gap));
        }
    }

    @Test
    void anEngineFillsTheGap() throws IOException {
        try (LlamaModel model = model(true);
                LlamaEngine engine = LlamaEngine.start(model)) {
            FillInMiddle gap =
                    FillInMiddle.builder(model).prefix("for (int i").suffix("}").build();
            List<Integer> tokens = engine.generate(CompletionRequest.builder(gap.tokens())
                            .maxTokens(8)
                            .ignoreEndOfGeneration(true)
                            .build())
                    .await()
                    .tokens();
            assertThat(tokens).hasSize(8);
        }
    }

    @Test
    void aVocabularyWithoutTheTokensIsRefused() {
        try (LlamaModel model = TestModels.llama()) {
            assertThat(FillInMiddle.isSupported(model)).isFalse();
            assertThatThrownBy(() -> FillInMiddle.builder(model))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("lacks a token");
        }
    }

    @Test
    void sizesThatCannotBeAreRefused() throws IOException {
        try (LlamaModel model = model(false)) {
            FillInMiddle.Builder builder = FillInMiddle.builder(model);
            assertThatThrownBy(() -> builder.surroundings(3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.contextSize(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.maxTokens(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
