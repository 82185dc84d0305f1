package io.github.panllama.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.PoolingType;
import io.github.panllama.T5Model;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbedderTest {
    private static final float TOLERANCE = 1e-5f;

    @TempDir
    private static Path folder;

    private static LlamaModel encoder;
    private static LlamaModel decoder;

    @BeforeAll
    static void load() throws IOException {
        encoder = Models.load(Models.write(folder, Architecture.NOMIC_BERT));
        decoder = Models.load(Models.write(folder, Architecture.LLAMA));
    }

    @AfterAll
    static void close() {
        encoder.close();
        decoder.close();
    }

    /** Flash attention and the usual KV cache round to 16 bits, and what is rounded depends on the batch in its last bits. */
    private static EmbedderOptions.Builder options() {
        return EmbedderOptions.builder()
                .threads(1)
                .maxTokens(256)
                .context(context ->
                        context.flashAttention(FlashAttention.DISABLED).kvCacheType(KvCacheType.F32));
    }

    /** Of 1 to 90 words. */
    private static List<String> texts(int count) {
        Random random = new Random(count);
        return IntStream.range(0, count)
                .mapToObj(i -> random.ints(1 + i * 7 % 90, 0, 5)
                        .mapToObj(word ->
                                List.of("the", "water", "of", "long", "days").get(word))
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    private static void assertAlike(List<float[]> actual, List<float[]> expected) {
        assertAlike(actual, expected, TOLERANCE);
    }

    private static void assertAlike(List<float[]> actual, List<float[]> expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).as("text " + i).containsExactly(expected.get(i), within(tolerance));
        }
    }

    /** Computed without an embedder: each text in a context of its own. */
    private static List<float[]> oneByOne(LlamaModel model, PoolingType pooling, List<String> texts) {
        try (LlamaContext context = model.newContext(ContextOptions.builder()
                        .contextSize(256)
                        .batchSize(256)
                        .microBatchSize(256)
                        .threads(1)
                        .flashAttention(FlashAttention.DISABLED)
                        .kvCacheType(KvCacheType.F32)
                        .embeddings(true)
                        .pooling(pooling)
                        .build());
                Batch batch = context.newBatch()) {
            List<float[]> embeddings = new ArrayList<>();
            for (String text : texts) {
                int[] tokens = model.tokenizer().encode(text);
                context.memory().clear();
                batch.clear();
                batch.addAll(tokens, 0, tokens.length, 0, 0, true);
                if (model.hasEncoder()) {
                    context.encode(batch);
                } else {
                    context.decode(batch);
                }
                embeddings.add(Normalization.EUCLIDEAN.apply(
                        context.sequenceEmbedding(0).toArray()));
            }
            return embeddings;
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyTextsHaveTheEmbeddingsOfEachAloneInTheirOrder(Architecture architecture) throws IOException {
        List<String> texts = texts(60);
        // BERT's GELU comes from a table for 16-bit numbers, in C too.
        float tolerance = architecture == Architecture.BERT ? 2e-4f : TOLERANCE;
        try (LlamaModel model = Models.load(Models.write(folder, architecture))) {
            for (PoolingType pooling : List.of(PoolingType.MEAN, PoolingType.CLS, PoolingType.LAST)) {
                List<float[]> expected = oneByOne(model, pooling, texts);
                try (Embedder embedder =
                        Embedder.of(model, options().pooling(pooling).build())) {
                    assertAlike(embedder.embed(texts), expected, tolerance);
                    assertAlike(List.of(embedder.embed(texts.get(7))), List.of(expected.get(7)));
                    assertThat(embedder.pooling()).isEqualTo(pooling);
                    assertThat(embedder.dimensions()).isEqualTo(expected.get(0).length);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEncoderOfAModelThatHasADecoderTooIsUsed(boolean hasDecoder) throws IOException {
        List<String> texts = texts(20);
        Path file = T5Model.write(folder.resolve("t5-" + hasDecoder + ".gguf"), hasDecoder);
        try (LlamaModel model = Models.load(file)) {
            assertThat(model.hasEncoder()).isTrue();
            assertThat(model.hasDecoder()).isEqualTo(hasDecoder);
            try (Embedder embedder = Embedder.of(model, options().build())) {
                assertThat(embedder.pooling()).isEqualTo(PoolingType.MEAN);
                assertAlike(embedder.embed(texts), oneByOne(model, PoolingType.MEAN, texts));
                assertThat(embedder.embed("water")).isNotEqualTo(embedder.embed("long days"));
            }
            try (Embedder each =
                    Embedder.of(model, options().pooling(PoolingType.NONE).build())) {
                assertThat(each.embedEach("water")).hasSize(each.tokenize("water").length);
            }
        }
    }

    @Test
    void smallBatchesAndFewSequencesChangeNothing() {
        List<String> texts = texts(40);
        List<float[]> expected;
        try (Embedder embedder = Embedder.of(encoder, options().build())) {
            expected = embedder.embed(texts);
        }
        try (Embedder embedder =
                Embedder.of(encoder, options().batchSize(8).maxSequences(2).build())) {
            assertAlike(embedder.embed(texts), expected);
        }
        try (Embedder embedder = Embedder.of(encoder, options().batchSize(4096).build())) {
            assertAlike(embedder.embed(texts), expected);
        }
    }

    @Test
    void anEmbeddingOfEachTokenIsWhatIsPooled() {
        List<String> texts = texts(30);
        try (Embedder each =
                        Embedder.of(encoder, options().pooling(PoolingType.NONE).build());
                Embedder mean = Embedder.of(
                        encoder, options().normalization(Normalization.NONE).build())) {
            assertThat(each.normalization()).isEqualTo(Normalization.NONE);
            List<List<float[]>> tokens = each.embedEach(texts, fraction -> true);
            List<float[]> pooled = mean.embed(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(tokens.get(i)).hasSize(each.tokenize(texts.get(i)).length);
                float[] sum = new float[mean.dimensions()];
                for (float[] token : tokens.get(i)) {
                    for (int d = 0; d < sum.length; d++) {
                        sum[d] += token[d] / tokens.get(i).size();
                    }
                }
                assertThat(pooled.get(i)).containsExactly(sum, within(1e-4f));
            }
            assertThatThrownBy(() -> each.embed("text"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not pool");
            assertThatThrownBy(() -> mean.embedEach("text"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("MEAN");
        }
    }

    @Test
    void vectorsHaveLengthOneUnlessTheyAreScaledOtherwise() {
        try (Embedder usual = Embedder.of(encoder, options().build());
                Embedder raw = Embedder.of(
                        encoder, options().normalization(Normalization.NONE).build());
                Embedder taxicab = Embedder.of(
                        encoder, options().normalization(Normalization.TAXICAB).build())) {
            float[] numbers = raw.embed("long water");
            assertThat(usual.normalization()).isEqualTo(Normalization.EUCLIDEAN);
            assertThat(usual.embed("long water")).containsExactly(Normalization.EUCLIDEAN.apply(numbers));
            assertThat(taxicab.embed("long water")).containsExactly(Normalization.TAXICAB.apply(numbers));
            assertThat(Embedder.cosine(usual.embed("long water"), numbers)).isCloseTo(1, within(TOLERANCE));
        }
    }

    @Test
    void theModelSaysHowToPoolUnlessItSaysNothing() throws IOException {
        try (LlamaModel bert = Models.load(Models.write(folder, Architecture.BERT));
                Embedder first = Embedder.of(bert, options().build());
                Embedder mean = Embedder.of(encoder, options().build());
                Embedder unsaid = Embedder.of(decoder, options().build())) {
            assertThat(first.pooling()).isEqualTo(PoolingType.CLS);
            assertThat(mean.pooling()).isEqualTo(PoolingType.MEAN);
            assertThat(decoder.pooling()).isEmpty();
            assertThat(unsaid.pooling()).isEqualTo(PoolingType.MEAN);
        }
    }

    @Test
    void aTextThatIsTooLongIsRefusedByItsIndex() {
        try (Embedder embedder = Embedder.of(encoder, options().maxTokens(20).build())) {
            assertThat(embedder.maxTokens()).isEqualTo(20);
            List<String> texts = List.of("water", "long ".repeat(50), "days");
            int tokens = encoder.tokenizer().encode(texts.get(1)).length;
            assertThatThrownBy(() -> embedder.embed(texts))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("text 1 has " + tokens + " tokens, may have 20");
            assertThat(embedder.embed("water")).hasSize(embedder.dimensions());
        }
    }

    @Test
    void aTextIsCutBetweenTheTokensThatTheModelWantsAroundIt() throws IOException {
        int[] whole = encoder.tokenizer().encode("a b c d e f g h i j k l");
        assertCut(encoder, whole, 1, 1);
        Path file = Models.withWordPieces(Models.write(folder, Architecture.BERT), "pieces.gguf");
        try (LlamaModel model = Models.load(file)) {
            int[] pieces = model.tokenizer().encode("a b c d e f g h i j k l");
            assertThat(pieces).hasSize(14).startsWith(2, 5).endsWith(3);
            assertCut(model, pieces, 1, 1);
        }
        int[] openEnd = decoder.tokenizer().encode("a b c d e f g h i j k l");
        assertCut(decoder, openEnd, 1, 0);
    }

    private static void assertCut(LlamaModel model, int[] whole, int before, int after) {
        int most = 6;
        List<Integer> tokens = IntStream.of(whole).boxed().toList();
        List<Integer> beginning = new ArrayList<>(tokens.subList(0, most - after));
        beginning.addAll(tokens.subList(whole.length - after, whole.length));
        List<Integer> end = new ArrayList<>(tokens.subList(0, before));
        end.addAll(tokens.subList(whole.length - (most - before), whole.length));
        EmbedderOptions.Builder options = options().maxTokens(most);
        try (Embedder keepsBeginning = Embedder.of(
                        model, options.truncation(Truncation.KEEP_BEGINNING).build());
                Embedder keepsEnd = Embedder.of(
                        model, options.truncation(Truncation.KEEP_END).build())) {
            String text = "a b c d e f g h i j k l";
            assertThat(keepsBeginning.tokenize(text))
                    .containsExactly(beginning.stream().mapToInt(i -> i).toArray());
            assertThat(keepsEnd.tokenize(text))
                    .containsExactly(end.stream().mapToInt(i -> i).toArray());
            assertThat(keepsBeginning.embed(text)).containsExactly(keepsBeginning.embed(keepsBeginning.tokenize(text)));
            assertThat(keepsBeginning.tokenize("a b"))
                    .isEqualTo(model.tokenizer().encode("a b"));
            assertThat(keepsEnd.embed(new int[] {1, 2, 3, 4, 5, 6, 7, 8}))
                    .containsExactly(keepsEnd.embed(new int[] {3, 4, 5, 6, 7, 8}));
        }
    }

    @Test
    void specialTokensThatAreWrittenOutCountAsSuchUnlessToldOtherwise() {
        try (Embedder usual = Embedder.of(encoder, options().build());
                Embedder plain =
                        Embedder.of(encoder, options().parseSpecial(false).build())) {
            assertThat(usual.tokenize("<|user|>")).hasSize(3);
            assertThat(plain.tokenize("<|user|>")).hasSizeGreaterThan(5);
        }
    }

    @Test
    void theListenerIsToldOfEachBatchAndCancels() {
        List<String> texts = texts(50);
        try (Embedder embedder = Embedder.of(encoder, options().batchSize(32).build())) {
            List<Float> fractions = new ArrayList<>();
            List<float[]> all = embedder.embed(texts, fractions::add);
            assertThat(fractions).isSorted().startsWith(0f).endsWith(1f).hasSizeGreaterThan(10);
            int[] calls = {0};
            assertThatThrownBy(() -> embedder.embed(texts, fraction -> ++calls[0] < 4))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("of 50 texts");
            assertThat(calls[0]).isEqualTo(4);
            assertThatThrownBy(() -> embedder.embed(texts, fraction -> {
                        throw new UnsupportedOperationException("listener");
                    }))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertAlike(embedder.embed(texts), all);
        }
    }

    @Test
    void severalThreadsTakeTurns() throws Exception {
        List<String> texts = texts(50);
        try (Embedder embedder = Embedder.of(encoder, options().batchSize(64).build());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<float[]> expected = embedder.embed(texts);
            List<Future<List<float[]>>> results = IntStream.range(0, 8)
                    .mapToObj(i -> threads.submit(() -> embedder.embed(texts)))
                    .toList();
            for (Future<List<float[]>> result : results) {
                assertThat(result.get()).usingRecursiveComparison().isEqualTo(expected);
            }
        }
    }

    @Test
    void whatIsClosedIsRefused() {
        Embedder embedder = Embedder.of(encoder, options().batchSize(32).build());
        assertThatThrownBy(() -> embedder.embed(texts(50), fraction -> {
                    if (fraction > 0) {
                        embedder.close();
                    }
                    return true;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        embedder.close();
        assertThatThrownBy(() -> embedder.embed("water")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> embedder.embed(List.of())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> embedder.tokenize("water")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noTextsHaveNoEmbeddings() {
        try (Embedder embedder = Embedder.of(encoder, options().build())) {
            assertThat(embedder.embed(List.of())).isEmpty();
            assertThat(embedder.embed("")).hasSize(embedder.dimensions()); // the tokens around it
            assertThatThrownBy(() -> embedder.embed(new int[0]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("text 0 has no tokens");
            assertThatThrownBy(() -> embedder.embed(new int[] {1, 512}))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("token is 512");
            assertThat(embedder.embed("water")).hasSize(embedder.dimensions());
        }
    }

    @Test
    void whatTheModelDoesNotTakeIsRefused() throws IOException {
        assertThatThrownBy(() -> Embedder.of(encoder, options().maxTokens(2049).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxTokens is 2049, must be in [1, 2048]");
        assertThatThrownBy(() -> Embedder.of(
                        encoder,
                        options().maxTokens(2).truncation(Truncation.KEEP_END).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxTokens is 2, must be above 2");
        assertThatThrownBy(() -> options().pooling(PoolingType.RANK)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options().batchSize(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options().threads(0)).isInstanceOf(IllegalArgumentException.class);
        try (LlamaModel reranker = Models.load(Models.classifier(folder))) {
            assertThatThrownBy(() -> Embedder.of(reranker, options().build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("use a Reranker");
            Embedder.of(reranker, options().pooling(PoolingType.MEAN).build()).close();
        }
    }

    @Test
    void theCosineIsThatOfTheAngle() {
        assertThat(Embedder.cosine(new float[] {1, 0}, new float[] {3, 3}))
                .isCloseTo((float) Math.sqrt(0.5), within(1e-6f));
        assertThat(Embedder.cosine(new float[] {1, 2}, new float[] {-2, -4})).isCloseTo(-1, within(1e-6f));
        assertThat(Embedder.cosine(new float[2], new float[2])).isEqualTo(1);
        assertThat(Embedder.cosine(new float[2], new float[] {1, 2})).isZero();
        assertThatThrownBy(() -> Embedder.cosine(new float[2], new float[3]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
