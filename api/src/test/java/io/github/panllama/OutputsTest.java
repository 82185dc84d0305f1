package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.synthetic.Architecture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutputsTest {
    private LlamaModel model;
    private LlamaContext context;

    @BeforeEach
    void open() {
        model = TestModels.llama();
        context = model.newContext(TestModels.context(64).batchSize(32).build());
    }

    @AfterEach
    void close() {
        context.close();
        model.close();
    }

    @Test
    void nothingCanBeReadBeforeTheFirstDecode() {
        assertThatThrownBy(() -> context.logits(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no output");
    }

    @Test
    void viewsEndWithTheNextDecodeEvenOneThatFails() {
        try (Batch batch = context.newBatch(2)) {
            batch.add(1, 0, 0, true);
            context.decode(batch);
            Logits first = context.logits(0);
            assertThat(first.get(0)).isFinite();
            batch.clear();
            batch.add(2, 1, 0, true);
            context.decode(batch);
            assertGone(first);
            Logits second = context.logits(0);
            batch.clear();
            batch.add(3, 9, 0, true);
            assertThatThrownBy(() -> context.decode(batch)).isInstanceOf(DecodeException.class);
            assertGone(second);
            assertThatThrownBy(() -> context.logits(0)).isInstanceOf(IllegalStateException.class);
        }
    }

    private static void assertGone(Logits view) {
        assertThatThrownBy(() -> view.get(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("decoded again");
        assertThatThrownBy(view::toArray).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(view::argmax).isInstanceOf(IllegalStateException.class);
        assertThat(view.size()).isEqualTo(TestModels.VOCABULARY);
    }

    @Test
    void onlyRowsThatAskedForItHaveAnOutput() {
        try (Batch batch = context.newBatch(4)) {
            batch.add(1, 0, 0, false);
            batch.add(2, 1, 0, true);
            batch.add(3, 2, 0, false);
            batch.setOutput(2, true);
            assertThat(batch.outputCount()).isEqualTo(2);
            batch.setOutput(1, false);
            assertThat(batch.outputCount()).isEqualTo(1);
            context.decode(batch);
            batch.clear(); // what was decoded is read by its own rows
            assertThat(context.logits(2).size()).isEqualTo(TestModels.VOCABULARY);
            for (int row : new int[] {0, 1}) {
                assertThatThrownBy(() -> context.logits(row))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("row " + row + " has no output");
            }
            for (int row : new int[] {-1, 3, 31, 32, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> context.logits(row)).isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @Test
    void everyRowOfABatchHasTheLogitsOfItsOwnPrefix() {
        int[] prompt = TestModels.prompt(12, 4);
        float[][] rows = new float[prompt.length][];
        try (Batch batch = context.newBatch(prompt.length)) {
            for (int i = 0; i < prompt.length; i++) {
                batch.add(prompt[i], i, 0, true);
            }
            context.decode(batch);
            for (int i = 0; i < prompt.length; i++) {
                rows[i] = context.logits(i).toArray();
            }
        }
        context.memory().clear();
        for (int i = 0; i < prompt.length; i++) {
            assertThat(TestModels.distance(TestModels.evaluate(context, 0, i, prompt[i]), rows[i]))
                    .isLessThan(1e-3);
        }
    }

    @Test
    void probabilitiesAreTheSoftmaxAndTopIsInOrder() {
        TestModels.evaluate(context, 0, 0, 1, 2, 3);
        Logits logits = context.logits(2);
        float[] scores = logits.toArray();
        float[] probabilities = logits.probabilities();
        double sum = 0;
        for (float probability : probabilities) {
            sum += probability;
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
        int best = TestModels.argmax(scores);
        assertThat(logits.argmax()).isEqualTo(best);
        assertThat(Math.exp(logits.logProbability(best))).isCloseTo(probabilities[best], within(1e-6));
        List<Logits.Candidate> top = logits.top(5);
        assertThat(top).hasSize(5);
        assertThat(top.getFirst()).isEqualTo(new Logits.Candidate(best, scores[best], probabilities[best]));
        assertThat(top).isSortedAccordingTo((a, b) -> Float.compare(b.logit(), a.logit()));
        assertThat(logits.top(10_000)).hasSize(TestModels.VOCABULARY);
        float[] target = new float[TestModels.VOCABULARY + 2];
        logits.copyTo(target, 1);
        assertThat(target[1]).isEqualTo(scores[0]);
        assertThatThrownBy(() -> logits.copyTo(target, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aContextWithoutEmbeddingsHasNone() {
        TestModels.evaluate(context, 0, 0, 1, 2);
        assertThatThrownBy(() -> context.embedding(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("embeddings");
        assertThatThrownBy(() -> context.sequenceEmbedding(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void embeddingsCanBeSwitchedOnAndOff() {
        TestModels.evaluate(context, 0, 0, 1, 2, 3);
        context.setEmbeddings(true);
        try (Batch batch = context.newBatch(2)) {
            batch.add(4, 3, 0, false);
            batch.add(5, 4, 0, true);
            context.decode(batch);
            assertThat(context.embedding(1).size()).isEqualTo(model.embeddingLength());
            // A context that computes embeddings outputs every row.
            assertThat(context.embedding(0).toArray())
                    .isNotEqualTo(context.embedding(1).toArray());
            context.setEmbeddings(false);
            batch.clear();
            batch.add(6, 5, 0, true);
            context.decode(batch);
            assertThatThrownBy(() -> context.embedding(0)).isInstanceOf(IllegalStateException.class);
            assertThat(context.logits(0).argmax()).isNotNegative();
        }
    }

    @Test
    void pooledEmbeddingsAreWhatTheirPoolingSays() {
        int[] prompt = TestModels.prompt(9, 2);
        try (LlamaModel encoder = TestModels.load(Architecture.NOMIC_BERT)) {
            float[][] tokens = embeddings(encoder, PoolingType.NONE, prompt);
            float[] mean = new float[encoder.embeddingLength()];
            for (float[] token : tokens) {
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += token[i] / prompt.length;
                }
            }
            assertThat(embeddings(encoder, PoolingType.MEAN, prompt)[0]).containsExactly(mean, within(1e-4f));
            assertThat(embeddings(encoder, PoolingType.CLS, prompt)[0]).containsExactly(tokens[0], within(1e-4f));
            assertThat(embeddings(encoder, PoolingType.LAST, prompt)[0])
                    .containsExactly(tokens[prompt.length - 1], within(1e-4f));
            assertThat(embeddings(encoder, PoolingType.UNSPECIFIED, prompt)[0]).containsExactly(mean, within(1e-4f));
        }
    }

    private static float[][] embeddings(LlamaModel encoder, PoolingType pooling, int... prompt) {
        try (LlamaContext context = encoder.newContext(
                        TestModels.context(64).embeddings(true).pooling(pooling).build());
                Batch batch = context.newBatch()) {
            batch.addAll(prompt, 0, prompt.length, 0, 0, true);
            context.decode(batch);
            if (pooling != PoolingType.NONE) {
                assertThatThrownBy(() -> context.logits(0))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("no logits");
                return new float[][] {context.sequenceEmbedding(0).toArray()};
            }
            assertThat(context.pooling()).isEqualTo(PoolingType.NONE);
            try (Sampler sampler = Sampler.greedy(encoder)) {
                assertThatThrownBy(() -> sampler.sample(context, 0)).isInstanceOf(IllegalStateException.class);
            }
            float[][] rows = new float[prompt.length][];
            for (int i = 0; i < prompt.length; i++) {
                rows[i] = context.embedding(i).toArray();
            }
            return rows;
        }
    }

    @Test
    void anEncodersInputMustFitIntoOneMicroBatch() {
        try (LlamaModel encoder = TestModels.load(Architecture.NOMIC_BERT);
                LlamaContext small = encoder.newContext(TestModels.context(64)
                        .embeddings(true)
                        .microBatchSize(8)
                        .build());
                Batch batch = small.newBatch()) {
            batch.addAll(TestModels.prompt(9, 1), 0, 9, 0, 0, true);
            assertThatThrownBy(() -> small.decode(batch))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("microBatchSize is 8");
        }
    }
}
