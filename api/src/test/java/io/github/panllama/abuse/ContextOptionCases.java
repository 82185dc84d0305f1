package io.github.panllama.abuse;

import io.github.panllama.AttentionType;
import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.PoolingType;
import io.github.panllama.RopeScaling;
import io.github.panllama.synthetic.Architecture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Options of a context that make no sense, for the model or at all. */
final class ContextOptionCases {
    private ContextOptionCases() {}

    static void register(AbuseCases cases) {
        cases.family("context options");
        sizes(cases);
        threads(cases);
        floats(cases);
        caches(cases);
        pooling(cases);
    }

    private static void refused(AbuseCases cases, String name, Consumer<ContextOptions.Builder> options) {
        cases.rejects(name, IllegalArgumentException.class, f -> options.accept(ContextOptions.builder()));
    }

    /** Makes the context, decodes and reads; what does not fit the model must be refused by an exception. */
    private static void use(
            AbuseCases cases, String name, Architecture architecture, UnaryOperator<ContextOptions.Builder> options) {
        cases.livesOr(
                architecture.ggufName() + ' ' + name,
                f -> {
                    try (LlamaContext context = f.model(architecture)
                            .newContext(options.apply(AbuseFixture.small()).build())) {
                        int row = AbuseFixture.decode(context, 0, 0, 20);
                        context.logits(row).toArray();
                        if (!architecture.isEncoder()) {
                            AbuseFixture.decode(context, 0, 20, 1);
                        }
                    }
                },
                LlamaException.class,
                IllegalArgumentException.class,
                IllegalStateException.class);
    }

    private static void llama(AbuseCases cases, String name, UnaryOperator<ContextOptions.Builder> options) {
        use(cases, name, Architecture.LLAMA, options);
    }

    private static void sizes(AbuseCases cases) {
        for (int size : new int[] {-1, Integer.MIN_VALUE}) {
            refused(cases, "contextSize " + size, o -> o.contextSize(size));
            refused(cases, "recurrentSnapshots " + size, o -> o.recurrentSnapshots(size));
        }
        for (int size : new int[] {0, -1, Integer.MIN_VALUE}) {
            refused(cases, "batchSize " + size, o -> o.batchSize(size));
            refused(cases, "microBatchSize " + size, o -> o.microBatchSize(size));
            refused(cases, "maxSequences " + size, o -> o.maxSequences(size));
        }
        refused(cases, "recurrentSnapshots 1025", o -> o.recurrentSnapshots(1025));
        for (int sequences : new int[] {257, 1000, Integer.MAX_VALUE}) {
            cases.rejects(
                    "maxSequences " + sequences,
                    IllegalArgumentException.class,
                    f -> f.context(AbuseFixture.small().maxSequences(sequences)));
        }
        for (int size : new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - 255, (1 << 30) + 1}) {
            refused(cases, "contextSize " + size, o -> o.contextSize(size));
        }
        for (int size : new int[] {Integer.MAX_VALUE, 1 << 30, (1 << 20) + 1}) {
            refused(cases, "batchSize " + size, o -> o.batchSize(size));
            refused(cases, "microBatchSize " + size, o -> o.microBatchSize(size));
        }
        for (Architecture architecture : Architecture.values()) {
            use(cases, "contextSize 2^30", architecture, o -> o.contextSize(1 << 30));
            use(cases, "batchSize 2^20", architecture, o -> o.batchSize(1 << 20));
            use(cases, "microBatchSize 2^20", architecture, o -> o.microBatchSize(1 << 20));
            use(
                    cases,
                    "everything of the largest",
                    architecture,
                    o -> o.contextSize(1 << 30).batchSize(1 << 20).microBatchSize(1 << 20));
        }
        for (int size : new int[] {1, 2, 31, 255, 257}) {
            llama(cases, "contextSize " + size, o -> o.contextSize(size));
        }
        llama(cases, "batchSize 1", o -> o.batchSize(1));
        llama(cases, "microBatchSize 1", o -> o.microBatchSize(1));
        llama(cases, "256 sequences in 256 tokens", o -> o.maxSequences(256));
        llama(
                cases,
                "256 sequences in 256 unified tokens",
                o -> o.maxSequences(256).unifiedKvCache(true));
        for (Architecture architecture : Architecture.values()) {
            use(cases, "256 sequences", architecture, o -> o.maxSequences(256));
            use(cases, "recurrentSnapshots 1024", architecture, o -> o.recurrentSnapshots(1024));
        }
    }

    private static void threads(AbuseCases cases) {
        for (int threads : new int[] {0, -1, 513, Integer.MAX_VALUE}) {
            refused(cases, "threads " + threads, o -> o.threads(threads));
            refused(cases, "batchThreads " + threads, o -> o.threads(1, threads));
            cases.rejects("setThreads " + threads, IllegalArgumentException.class, f -> {
                try (LlamaContext context = f.context()) {
                    context.setThreads(threads, 1);
                }
            });
            cases.rejects("setThreads of a batch " + threads, IllegalArgumentException.class, f -> {
                try (LlamaContext context = f.context()) {
                    context.setThreads(1, threads);
                }
            });
        }
        cases.lives(
                "threads 512, nothing computed",
                f -> f.context(AbuseFixture.small().threads(512)).close());
    }

    private static void floats(AbuseCases cases) {
        float[] wrong = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (float value : wrong) {
            refused(cases, "ropeFrequencyBase " + value, o -> o.ropeFrequencyBase(value));
            refused(cases, "ropeFrequencyScale " + value, o -> o.ropeFrequencyScale(value));
            refused(cases, "yarn extrapolation " + value, o -> o.yarn(value, 1, 1, 1, 1));
            refused(cases, "yarn attention " + value, o -> o.yarn(1, value, 1, 1, 1));
            refused(cases, "yarn betaFast " + value, o -> o.yarn(1, 1, value, 1, 1));
            refused(cases, "yarn betaSlow " + value, o -> o.yarn(1, 1, 1, value, 1));
        }
        refused(cases, "ropeFrequencyBase -1", o -> o.ropeFrequencyBase(-1));
        refused(cases, "ropeFrequencyScale -1", o -> o.ropeFrequencyScale(-1));
        refused(cases, "yarn originalContextSize -1", o -> o.yarn(1, 1, 1, 1, -1));
        for (float value : new float[] {0, Float.MIN_VALUE, Float.MAX_VALUE}) {
            llama(cases, "ropeFrequencyBase " + value, o -> o.ropeFrequencyBase(value));
            llama(cases, "ropeFrequencyScale " + value, o -> o.ropeFrequencyScale(value));
            llama(
                    cases,
                    "yarn of " + value,
                    o -> o.ropeScaling(RopeScaling.YARN).yarn(value, value, value, value, 1));
        }
        llama(cases, "yarn of negatives", o -> o.ropeScaling(RopeScaling.YARN).yarn(-1, -1, -1, -1, 0));
        llama(cases, "yarn originalContextSize largest", o -> o.yarn(1, 1, 1, 1, Integer.MAX_VALUE));
        for (RopeScaling scaling : RopeScaling.values()) {
            for (Architecture architecture : Architecture.values()) {
                use(
                        cases,
                        "ropeScaling " + scaling,
                        architecture,
                        o -> o.ropeScaling(scaling).ropeFrequencyScale(0.5f));
            }
        }
    }

    private static void caches(AbuseCases cases) {
        cases.rejects(
                "quantised values without flash attention",
                IllegalArgumentException.class,
                f -> f.context(AbuseFixture.small()
                        .kvCacheType(KvCacheType.F16, KvCacheType.Q8_0)
                        .flashAttention(FlashAttention.DISABLED)));
        for (KvCacheType type : KvCacheType.values()) {
            for (Architecture architecture : Architecture.values()) {
                use(cases, "kvCacheType " + type, architecture, o -> o.kvCacheType(type));
            }
            for (FlashAttention attention : FlashAttention.values()) {
                llama(
                        cases,
                        "keys %s, flash attention %s".formatted(type, attention),
                        o -> o.kvCacheType(type, KvCacheType.F16).flashAttention(attention));
                llama(
                        cases,
                        "values %s, flash attention %s".formatted(type, attention),
                        o -> o.kvCacheType(KvCacheType.F16, type).flashAttention(attention));
            }
        }
        for (Architecture architecture : Architecture.values()) {
            for (FlashAttention attention : FlashAttention.values()) {
                use(cases, "flash attention " + attention, architecture, o -> o.flashAttention(attention));
            }
            use(cases, "keys Q8_0, values Q4_0", architecture, o -> o.kvCacheType(KvCacheType.Q8_0, KvCacheType.Q4_0));
            use(cases, "keys F32, values BF16", architecture, o -> o.kvCacheType(KvCacheType.F32, KvCacheType.BF16));
        }
    }

    private static void pooling(AbuseCases cases) {
        for (PoolingType pooling : PoolingType.values()) {
            for (Architecture architecture : Architecture.values()) {
                cases.livesOr(
                        "%s pooling %s".formatted(architecture.ggufName(), pooling),
                        f -> {
                            ContextOptions options = AbuseFixture.small()
                                    .pooling(pooling)
                                    .embeddings(true)
                                    .build();
                            try (LlamaContext context = f.model(architecture).newContext(options)) {
                                AbuseFixture.decode(context, 0, 0, 20);
                                AbuseFixture.decode(context, 3, 0, 20);
                                context.sequenceEmbedding(3).toArray();
                            }
                        },
                        LlamaException.class,
                        IllegalArgumentException.class,
                        IllegalStateException.class);
            }
        }
        for (AttentionType attention : AttentionType.values()) {
            for (Architecture architecture : Architecture.values()) {
                use(cases, "attention " + attention, architecture, o -> o.attention(attention));
                use(
                        cases,
                        "attention %s, embeddings".formatted(attention),
                        architecture,
                        o -> o.attention(attention).embeddings(true));
            }
        }
    }
}
