package io.github.panllama.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.PoolingType;
import io.github.panllama.Tokenizer;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RerankerTest {
    private static final String QUERY = "which water";

    /** BERT's GELU comes from a table for 16-bit numbers, so that the rest of a batch shows in the last bits. */
    private static final float ROUNDING = 1e-3f;

    @TempDir
    private static Path folder;

    private static Path file;
    private static LlamaModel model;

    @BeforeAll
    static void load() throws IOException {
        file = Models.classifier(folder);
        model = Models.load(file);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static RerankerOptions.Builder options() {
        return RerankerOptions.builder().threads(1).context(context -> context.flashAttention(FlashAttention.DISABLED));
    }

    private static List<String> documents(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "day " + i + " was long".repeat(i * 5 % 30))
                .toList();
    }

    /** The head's scores of one pair, computed without a reranker. */
    private static float[] scores(LlamaModel model, int[] tokens) {
        try (LlamaContext context = model.newContext(ContextOptions.builder()
                        .contextSize(512)
                        .threads(1)
                        .flashAttention(FlashAttention.DISABLED)
                        .embeddings(true)
                        .pooling(PoolingType.RANK)
                        .build());
                Batch batch = context.newBatch()) {
            batch.addAll(tokens, 0, tokens.length, 0, 0, true);
            context.decode(batch);
            return context.sequenceEmbedding(0).toArray();
        }
    }

    private static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }

    @Test
    void documentsComeByTheirScoresTheHighestFirst() {
        List<String> documents = documents(120);
        try (Reranker reranker = Reranker.of(model, options().build())) {
            List<RankedDocument> ranked = reranker.rank(QUERY, documents);
            assertThat(ranked)
                    .hasSize(120)
                    .isSortedAccordingTo(Comparator.comparingDouble(document -> -document.score()));
            assertThat(ranked.stream().map(RankedDocument::index).distinct()).hasSize(120);
            for (RankedDocument document : ranked) {
                String text = documents.get(document.index());
                float[] expected = scores(model, reranker.tokenize(QUERY, text));
                assertThat(document.document()).isEqualTo(text);
                assertThat(document.score()).isCloseTo(expected[0], within(ROUNDING));
                assertThat(document.scores()).containsExactly(document.score());
            }
            assertThat(ranked.getFirst().score()).isGreaterThan(ranked.getLast().score() + 0.01f);
            assertThat(reranker.score(QUERY, documents.get(3)))
                    .isCloseTo(scores(model, reranker.tokenize(QUERY, documents.get(3)))[0], within(ROUNDING));
            assertThat(reranker.labels()).isEmpty();
            assertThat(reranker.rank(QUERY, List.of())).isEmpty();
        }
    }

    @Test
    void equalScoresKeepTheOrderOfTheDocuments() {
        try (Reranker reranker = Reranker.of(model, options().batchSize(1).build())) {
            assertThat(reranker.rank(QUERY, List.of("same", "same", "same")))
                    .extracting(RankedDocument::index)
                    .containsExactly(0, 1, 2);
        }
    }

    @Test
    void everyLabelHasItsScore() throws IOException {
        try (LlamaModel labelled = Models.load(Models.classifier(folder, "good", "fair", "bad"));
                Reranker reranker = Reranker.of(labelled, options().build())) {
            assertThat(reranker.labels()).containsExactly("good", "fair", "bad");
            assertThat(labelled.classifierOutputs()).isEqualTo(3);
            List<RankedDocument> ranked = reranker.rank(QUERY, documents(40));
            for (RankedDocument document : ranked) {
                float[] expected = scores(labelled, reranker.tokenize(QUERY, document.document()));
                assertThat(document.scores()).hasSize(3);
                for (int i = 0; i < 3; i++) {
                    assertThat(document.scores().get(i)).isCloseTo(expected[i], within(ROUNDING));
                }
                assertThat(document.score()).isEqualTo(document.scores().getFirst());
            }
        }
    }

    /** As format_prompt_rerank of llama-server has it. */
    @Test
    void aPairHasTheTokensBetweenItsPartsThatTheVocabularyAsksFor() throws IOException {
        Tokenizer tokenizer = model.tokenizer();
        int[] begin = {tokenizer.beginOfText().orElseThrow()};
        int[] end = {tokenizer.endOfText().orElseThrow()};
        int[] query = tokenizer.encode("<|user|>", false, false);
        int[] document = tokenizer.encode("the day", false, false);
        try (Reranker reranker = Reranker.of(model, options().build())) {
            assertThat(reranker.tokenize("<|user|>", "the day"))
                    .containsExactly(join(begin, query, end, document, end));
        }
        Path pieces = Models.withWordPieces(file, "pieces.gguf");
        try (LlamaModel bert = Models.load(pieces);
                Reranker reranker = Reranker.of(bert, options().build())) {
            assertThat(reranker.tokenize("a b", "c")).containsExactly(2, 5, 7, 3, 9);
        }
        Path ends = Models.edit(pieces, "ends.gguf", Map.of("tokenizer.ggml.add_eos_token", GgufValue.bool(true)));
        try (LlamaModel bert = Models.load(ends);
                Reranker reranker = Reranker.of(bert, options().build())) {
            assertThat(reranker.tokenize("a b", "c")).containsExactly(2, 5, 7, 3, 3, 9, 3);
        }
    }

    @Test
    void aTemplateOfTheModelFormatsThePair() throws IOException {
        String template = "<|user|>{query}<|assistant|>{document}<|endoftext|>";
        Path changed =
                Models.edit(file, "template.gguf", Map.of("tokenizer.chat_template.rerank", GgufValue.text(template)));
        try (LlamaModel withTemplate = Models.load(changed);
                Reranker reranker = Reranker.of(withTemplate, options().build())) {
            Tokenizer tokenizer = withTemplate.tokenizer();
            assertThat(reranker.tokenize("how {document} $1", "so\\"))
                    .containsExactly(
                            tokenizer.encode("<|user|>how {document} $1<|assistant|>so\\<|endoftext|>", false, true));
            assertThat(reranker.rank(QUERY, documents(10))).hasSize(10);
        }
    }

    @Test
    void aDocumentIsCutAndAQueryIsNot() {
        String document = "water 😀 of the long days ".repeat(40);
        try (Reranker refuses = Reranker.of(model, options().maxTokens(64).build());
                Reranker beginning = Reranker.of(
                        model,
                        options()
                                .maxTokens(64)
                                .truncation(Truncation.KEEP_BEGINNING)
                                .build());
                Reranker end = Reranker.of(
                        model,
                        options().maxTokens(64).truncation(Truncation.KEEP_END).build())) {
            int[] whole = refuses.tokenize(QUERY, document);
            assertThatThrownBy(() -> refuses.rank(QUERY, List.of("a", document)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("text 1 has " + whole.length + " tokens, may have 64");
            int[] query = model.tokenizer().encode(QUERY, false, false);
            for (Reranker reranker : List.of(beginning, end)) {
                int[] cut = reranker.tokenize(QUERY, document);
                assertThat(cut.length).isBetween(58, 64);
                assertThat(cut).startsWith(join(new int[] {whole[0]}, query)).endsWith(whole[whole.length - 1]);
                assertThat(reranker.rank(QUERY, List.of(document)).getFirst().document())
                        .isEqualTo(document);
            }
            assertThat(beginning.tokenize(QUERY, document)).startsWith(Arrays.copyOf(whole, 50));
            assertThat(end.tokenize(QUERY, document))
                    .endsWith(Arrays.copyOfRange(whole, whole.length - 40, whole.length));
            assertThatThrownBy(() -> beginning.score("long ".repeat(200), "a"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theListenerIsToldOfEachBatchAndCancels() {
        List<String> documents = documents(60);
        try (Reranker reranker = Reranker.of(model, options().batchSize(64).build())) {
            List<Float> fractions = new ArrayList<>();
            reranker.rank(QUERY, documents, fractions::add);
            assertThat(fractions).isSorted().startsWith(0f).endsWith(1f).hasSizeGreaterThan(10);
            assertThatThrownBy(() -> reranker.rank(QUERY, documents, fraction -> fraction < 0.5f))
                    .isInstanceOf(CancellationException.class);
            assertThat(reranker.rank(QUERY, documents)).hasSize(60);
        }
    }

    @Test
    void aModelWithoutAHeadIsRefused() throws IOException {
        for (Architecture architecture : List.of(Architecture.BERT, Architecture.NOMIC_BERT, Architecture.LLAMA)) {
            try (LlamaModel other = Models.load(Models.write(folder, architecture))) {
                assertThat(other.classifierOutputs()).isZero();
                assertThatThrownBy(() -> Reranker.of(other))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("no classification head");
            }
        }
    }

    @Test
    void whatIsClosedIsRefused() {
        Reranker reranker = Reranker.of(model, options().build());
        reranker.close();
        reranker.close();
        assertThatThrownBy(() -> reranker.rank(QUERY, documents(2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The reranker is closed");
        assertThatThrownBy(() -> reranker.tokenize(QUERY, "a")).isInstanceOf(IllegalStateException.class);
    }
}
