package io.github.panllama.abuse;

import io.github.panllama.AttentionType;
import io.github.panllama.FillInMiddle;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.PoolingType;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.embedding.RerankerOptions;
import io.github.panllama.embedding.Truncation;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.synthetic.Architecture;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Texts and models that cannot be embedded or ranked, and options that llama.cpp would not survive. */
final class EmbeddingCases {
    private static final String LONG = "long water ".repeat(200);

    private EmbeddingCases() {}

    static EmbedderOptions.Builder options() {
        return EmbedderOptions.builder().threads(1).maxTokens(64).batchSize(64).maxSequences(4);
    }

    static RerankerOptions.Builder rerankerOptions() {
        return RerankerOptions.builder().threads(1).maxTokens(64).batchSize(64).maxSequences(4);
    }

    static void register(AbuseCases cases) {
        cases.family("embedding");
        for (Architecture architecture : Architecture.values()) {
            each(cases, architecture);
        }
        sequences(cases);
        options(cases);
        models(cases);
        ranking(cases);
        gaps(cases);
    }

    private static void embed(LlamaModel model, EmbedderOptions.Builder options, String... texts) {
        try (Embedder embedder = Embedder.of(model, options.build())) {
            embedder.embed(List.of(texts));
        }
    }

    private static void each(AbuseCases cases, Architecture architecture) {
        for (PoolingType pooling : List.of(PoolingType.MEAN, PoolingType.CLS, PoolingType.LAST)) {
            cases.lives("%s pools %s in batches of any size".formatted(architecture, pooling), f -> {
                for (int size : new int[] {1, 3, 64, 600}) {
                    embed(f.model(architecture), options().pooling(pooling).batchSize(size), "a", "", "b c d e f", "g");
                }
            });
        }
        cases.rejects(
                "a text too long for " + architecture,
                IllegalArgumentException.class,
                f -> embed(f.model(architecture), options(), "a", LONG));
        cases.lives(
                "a text that is cut for " + architecture,
                f -> embed(f.model(architecture), options().truncation(Truncation.KEEP_END), LONG));
        cases.lives(
                "a text as long as " + architecture + " takes",
                f -> embed(
                        f.model(architecture),
                        options().maxTokens(512).truncation(Truncation.KEEP_BEGINNING),
                        LONG.repeat(5)));
        cases.rejects(
                "more tokens than " + architecture + " was trained for",
                IllegalArgumentException.class,
                f -> embed(f.model(architecture), options().maxTokens(513), "a"));
        cases.livesOr(
                "causal attention for " + architecture,
                f -> embed(
                        f.model(architecture), options().context(c -> c.attention(AttentionType.CAUSAL)), "a", "b c"),
                LlamaException.class);
        cases.livesOr(
                "attention to all for " + architecture,
                f -> embed(
                        f.model(architecture),
                        options().context(c -> c.attention(AttentionType.NON_CAUSAL)),
                        "a",
                        "b c"),
                LlamaException.class);
    }

    private static void sequences(AbuseCases cases) {
        for (int sequences : new int[] {3, 7, 100}) {
            cases.lives("%d sequences, which do not divide the batch".formatted(sequences), f -> {
                embed(f.model(), options().maxSequences(sequences), "a", "b c", "d");
                embed(f.model(Architecture.NOMIC_BERT), options().maxSequences(sequences), "a", "b c", "d");
            });
            cases.lives("a context that averages %d sequences".formatted(sequences), f -> {
                try (LlamaContext context = f.context(AbuseFixture.small()
                        .maxSequences(sequences)
                        .embeddings(true)
                        .pooling(PoolingType.MEAN))) {
                    AbuseFixture.decode(context, 0, 0, 5);
                    context.sequenceEmbedding(0).toArray();
                }
            });
        }
    }

    private static void options(AbuseCases cases) {
        cases.rejects(
                "no sequences", IllegalArgumentException.class, f -> options().maxSequences(0));
        cases.rejects(
                "no threads", IllegalArgumentException.class, f -> options().threads(0));
        cases.rejects(
                "a batch beyond all",
                IllegalArgumentException.class,
                f -> options().batchSize(1 << 21));
        cases.lives(
                "more sequences than a context has",
                f -> embed(
                        f.model(Architecture.BERT),
                        options().maxSequences(1 << 20),
                        Collections.nCopies(300, "a").toArray(String[]::new)));
        cases.lives(
                "settings that set what the embedder sets",
                f -> embed(
                        f.model(),
                        options()
                                .context(c -> c.contextSize(1)
                                        .batchSize(1)
                                        .microBatchSize(1)
                                        .maxSequences(200)
                                        .unifiedKvCache(false)
                                        .embeddings(false)
                                        .pooling(PoolingType.RANK)),
                        "a",
                        "b c d"));
        cases.lives(
                "a quantised cache with flash attention",
                f -> embed(
                        f.model(),
                        options().context(c -> c.kvCacheType(KvCacheType.Q8_0).flashAttention(FlashAttention.ENABLED)),
                        "a",
                        "b c d"));
        cases.rejects(
                "settings that throw",
                UnsupportedOperationException.class,
                f -> embed(
                        f.model(),
                        options().context(c -> {
                            throw new UnsupportedOperationException("settings");
                        }),
                        "a"));
        cases.rejects("tokens that are not there", IndexOutOfBoundsException.class, f -> {
            try (Embedder embedder = Embedder.of(f.model(), options().build())) {
                embedder.embedTokens(List.of(new int[] {1}, new int[] {-1}), fraction -> true);
            }
        });
    }

    private static void models(AbuseCases cases) {
        cases.rejects("a closed model", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            model.close();
            embed(model, options(), "a");
        });
        cases.rejects("a model that is closed later", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            try (Embedder embedder = Embedder.of(model, options().build())) {
                model.close();
                embedder.embed("a");
            }
        });
        cases.rejects("a vocabulary alone", IllegalStateException.class, f -> {
            try (LlamaModel model = LlamaModel.load(
                    f.file(), ModelOptions.builder().vocabularyOnly(true).build())) {
                embed(model, options(), "a");
            }
        });
        for (long code : new long[] {0, 4, 5, 99, 0x7fff_ffffL, 0xffff_ffffL}) {
            cases.livesOr(
                    "a model whose pooling is " + code,
                    f -> {
                        try (LlamaModel model = LlamaModel.load(AbuseFiles.change(
                                f.file(), f.newFile(), Map.of("llama.pooling_type", GgufValue.uint32(code))))) {
                            embed(model, options(), "a");
                        }
                    },
                    LlamaException.class,
                    IllegalArgumentException.class,
                    IllegalStateException.class);
        }
        cases.rejects("a reranker", IllegalArgumentException.class, f -> {
            try (LlamaModel model = LlamaModel.load(f.file(AbuseFiles.RERANKER))) {
                embed(model, options(), "a");
            }
        });
    }

    private static void ranking(AbuseCases cases) {
        for (Architecture architecture : Architecture.values()) {
            cases.rejects(
                    "a ranking by " + architecture,
                    UnsupportedOperationException.class,
                    f -> Reranker.of(f.model(architecture), rerankerOptions().build()));
        }
        cases.rejects("a query that is too long", IllegalArgumentException.class, f -> rank(f, LONG, "a"));
        cases.rejects("a document that is too long", IllegalArgumentException.class, f -> rank(f, "a", LONG));
        cases.lives("nothing for nothing", f -> rank(f, "", "", ""));
        cases.rejects("a head with fewer outputs than labels", LlamaException.class, f -> {
            try (LlamaModel model = LlamaModel.load(AbuseFiles.change(
                    f.file(AbuseFiles.RERANKER),
                    f.newFile(),
                    Map.of("bert.classifier.output_labels", GgufValue.texts(List.of("a", "b", "c")))))) {
                Reranker.of(model).close();
            }
        });
    }

    private static void rank(AbuseFixture f, String query, String... documents) {
        try (LlamaModel model = LlamaModel.load(f.file(AbuseFiles.RERANKER));
                Reranker reranker = Reranker.of(model, rerankerOptions().build())) {
            reranker.rank(query, List.of(documents));
        }
    }

    private static void gaps(AbuseCases cases) {
        cases.rejects(
                "a gap for a model without the tokens",
                UnsupportedOperationException.class,
                f -> FillInMiddle.builder(f.model()));
        cases.rejects("a gap for a closed model", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            model.close();
            FillInMiddle.builder(model);
        });
        cases.lives("a gap in a lone surrogate", f -> {
            try (LlamaModel model = LlamaModel.load(f.file(AbuseFiles.GAPS))) {
                FillInMiddle.builder(model)
                        .prefix("\ud83d")
                        .suffix("\ude00")
                        .beginning("\0")
                        .file("", "")
                        .build();
            }
        });
    }
}
