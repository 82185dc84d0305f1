package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContextOptionsTest {
    private static final int[] PROMPT = TestModels.prompt(40, 6);

    private static LlamaModel model;
    private static float[] exact;

    @BeforeAll
    static void load() {
        model = TestModels.llama();
        exact = evaluate(TestModels.context(256).kvCacheType(KvCacheType.F32).flashAttention(FlashAttention.DISABLED));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static float[] evaluate(ContextOptions.Builder options) {
        try (LlamaContext context = model.newContext(options.build())) {
            return TestModels.evaluate(context, 0, 0, PROMPT);
        }
    }

    private static double distance(float[] logits) {
        return TestModels.distance(logits, exact);
    }

    @ParameterizedTest
    @EnumSource(KvCacheType.class)
    void everyCacheTypeComputesNearlyTheSame(KvCacheType type) {
        float[] logits = evaluate(TestModels.context(256).kvCacheType(type).flashAttention(FlashAttention.ENABLED));
        double limit = type.isQuantized() ? 0.3 : 0.02;
        assertThat(distance(logits)).as("relative distance").isLessThan(limit);
        assertThat(Arrays.equals(logits, exact)).as("the same bits as F32").isFalse();
    }

    @Test
    void aFinerCacheTypeIsNearer() {
        double q8 = distance(evaluate(TestModels.context(256).kvCacheType(KvCacheType.Q8_0)));
        double q4 = distance(evaluate(TestModels.context(256).kvCacheType(KvCacheType.Q4_0)));
        assertThat(q8).isLessThan(q4);
    }

    @Test
    void aQuantisedValueCacheNeedsFlashAttention() {
        assertThatThrownBy(() -> evaluate(
                        TestModels.context(64).kvCacheType(KvCacheType.Q8_0).flashAttention(FlashAttention.DISABLED)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("flash attention");
        assertThat(distance(evaluate(TestModels.context(256)
                        .kvCacheType(KvCacheType.Q8_0, KvCacheType.F16)
                        .flashAttention(FlashAttention.DISABLED))))
                .isLessThan(0.3);
    }

    @Test
    void flashAttentionOnAndOffAgree() {
        ContextOptions.Builder options = TestModels.context(256).kvCacheType(KvCacheType.F32);
        assertThat(distance(evaluate(options.flashAttention(FlashAttention.ENABLED))))
                .isLessThan(0.01);
        assertThat(distance(evaluate(options.flashAttention(FlashAttention.AUTO))))
                .isLessThan(0.01);
    }

    @Test
    void theOptionsAreWhatTheContextSays() {
        try (LlamaContext context = model.newContext(ContextOptions.builder()
                .contextSize(512)
                .batchSize(64)
                .microBatchSize(16)
                .maxSequences(2)
                .threads(2, 3)
                .build())) {
            assertThat(context.contextSize()).isEqualTo(512);
            assertThat(context.sequenceContextSize()).isEqualTo(256);
            assertThat(context.batchSize()).isEqualTo(64);
            assertThat(context.microBatchSize()).isEqualTo(16);
            assertThat(context.maxSequences()).isEqualTo(2);
            assertThat(context.threads()).isEqualTo(2);
            assertThat(context.batchThreads()).isEqualTo(3);
            assertThat(context.model()).isSameAs(model);
            try (Batch batch = context.newBatch()) {
                assertThat(batch.capacity()).isEqualTo(64);
            }
        }
        try (LlamaContext context =
                model.newContext(ContextOptions.builder().threads(1).build())) {
            assertThat(context.contextSize()).isEqualTo(model.trainingContextSize());
        }
    }

    @Test
    void theNumberOfThreadsChangesNoResult() {
        try (LlamaContext context = model.newContext(TestModels.context(256).build())) {
            int[] one = TestModels.greedy(context, 0, 0, PROMPT, 8);
            context.setThreads(2, 2);
            assertThat(context.threads()).isEqualTo(2);
            assertThat(context.batchThreads()).isEqualTo(2);
            context.memory().clear();
            assertThat(TestModels.greedy(context, 0, 0, PROMPT, 8)).isEqualTo(one);
            for (int threads : new int[] {0, -1, 513}) {
                assertThatThrownBy(() -> context.setThreads(threads, 1)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> context.setThreads(1, threads)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void causalAttentionCanBeSwitchedOff() {
        try (LlamaContext context = model.newContext(
                        TestModels.context(256).batchSize(64).microBatchSize(64).build());
                Batch batch = context.newBatch()) {
            float[] causal = firstRow(context, batch);
            context.setCausalAttention(false);
            context.memory().clear();
            assertThat(firstRow(context, batch)).isNotEqualTo(causal);
            context.setCausalAttention(true);
            context.memory().clear();
            assertThat(firstRow(context, batch)).isEqualTo(causal);
        }
    }

    /** Logits of the first of many tokens: they depend on the later ones only without causal attention. */
    private static float[] firstRow(LlamaContext context, Batch batch) {
        batch.clear();
        batch.addAll(PROMPT, 0, PROMPT.length, 0, 0, true);
        batch.setOutput(0, true);
        context.decode(batch);
        return context.logits(0).toArray();
    }

    @Test
    void performanceCountersCountWhenAsked() {
        try (LlamaContext context = model.newContext(
                TestModels.context(256).performanceCounters(true).build())) {
            TestModels.greedy(context, 0, 0, PROMPT, 5);
            context.synchronize();
            PerformanceCounters counters = context.performance();
            assertThat(counters.promptTokens()).isEqualTo(PROMPT.length);
            assertThat(counters.generatedTokens()).isEqualTo(4);
            assertThat(counters.promptMilliseconds()).isPositive();
            assertThat(counters.generationMilliseconds()).isPositive();
            context.resetPerformance();
            // llama.cpp divides by these, and so answers 1 for none.
            assertThat(context.performance().generatedTokens()).isLessThanOrEqualTo(1);
            assertThat(context.performance().promptMilliseconds()).isZero();
        }
    }

    @Test
    void embeddingsInTheirPlaceAreAsGoodAsTokens() throws IOException {
        int width = model.inputEmbeddingLength();
        GgufFile file = GgufFile.read(TestModels.file(Architecture.LLAMA));
        float[] table = file.floats(file.tensor("token_embd.weight").orElseThrow());
        try (LlamaContext context = model.newContext(TestModels.context(256).build());
                Batch batch = context.newEmbeddingBatch(PROMPT.length)) {
            float[] expected = TestModels.evaluate(context, 0, 0, PROMPT);
            context.memory().clear();
            for (int i = 0; i < PROMPT.length; i++) {
                float[] row = Arrays.copyOfRange(table, PROMPT[i] * width, (PROMPT[i] + 1) * width);
                batch.addEmbedding(row, i, 0, i == PROMPT.length - 1);
            }
            context.decode(batch);
            float[] logits = context.logits(PROMPT.length - 1).toArray();
            assertThat(TestModels.distance(logits, expected)).isLessThan(1e-4);
            assertThatThrownBy(() -> batch.add(1, 0, 0, true))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("embeddings");
            batch.clear();
            assertThatThrownBy(() -> batch.addEmbedding(new float[width - 1], 0, 0, true))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> ContextOptions.builder().batchSize(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ContextOptions.builder().threads(0)).isInstanceOf(IllegalArgumentException.class);
        ContextOptions tooMany = TestModels.context(64).maxSequences(257).build();
        assertThatThrownBy(() -> model.newContext(tooMany))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[1, 256]");
    }
}
