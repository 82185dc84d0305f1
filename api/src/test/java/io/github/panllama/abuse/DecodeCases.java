package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.ContextFullException;
import io.github.panllama.ContextOptions;
import io.github.panllama.DecodeException;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.synthetic.Architecture;
import java.util.Random;

/** Batches that no context can evaluate, or not this one, or not now. */
@SuppressWarnings("try") // closing early is what some cases are about
final class DecodeCases {
    private DecodeCases() {}

    static void register(AbuseCases cases) {
        cases.family("decode");
        batches(cases);
        positions(cases);
        sequences(cases);
        room(cases);
        attention(cases);
        encoders(cases);
        aborts(cases);
        for (int seed = 1; seed <= 20; seed++) {
            int chosen = seed;
            cases.livesOr("random batches, seed " + seed, f -> random(f, chosen), LlamaException.class);
        }
    }

    private static void batches(AbuseCases cases) {
        cases.rejects("an empty batch", IllegalArgumentException.class, f -> {
            try (LlamaContext context = f.context();
                    Batch batch = context.newBatch()) {
                context.decode(batch);
            }
        });
        cases.rejects("a batch that was cleared", IllegalArgumentException.class, f -> {
            try (LlamaContext context = f.context();
                    Batch batch = context.newBatch()) {
                batch.add(1, 0, 0, true);
                batch.clear();
                context.decode(batch);
            }
        });
        cases.rejects("a batch of a context with other limits", IllegalArgumentException.class, f -> {
            try (LlamaContext context = f.context();
                    LlamaContext other = f.context(AbuseFixture.small().maxSequences(5));
                    Batch batch = other.newBatch()) {
                batch.add(1, 0, 4, true);
                context.decode(batch);
            }
        });
        cases.lives("a batch of a context that is closed, with the same limits", f -> {
            try (LlamaContext context = f.context();
                    LlamaContext other = f.context();
                    Batch batch = other.newBatch()) {
                batch.add(1, 0, 0, true);
                other.close();
                context.decode(batch);
            }
        });
        cases.rejects("a closed batch", IllegalStateException.class, f -> {
            try (LlamaContext context = f.context();
                    Batch batch = context.newBatch()) {
                batch.add(1, 0, 0, true);
                batch.close();
                context.decode(batch);
            }
        });
        cases.rejects("the same batch twice", DecodeException.class, f -> {
            try (LlamaContext context = f.context();
                    Batch batch = context.newBatch()) {
                batch.add(1, 0, 0, true);
                context.decode(batch);
                context.decode(batch);
            }
        });
        cases.lives("no outputs at all", f -> {
            try (LlamaContext context = f.context();
                    Batch batch = context.newBatch()) {
                batch.add(1, 0, 0, false);
                context.decode(batch);
            }
        });
        cases.lives("an output for every row", f -> {
            try (LlamaContext context = f.context();
                    Batch batch = context.newBatch()) {
                for (int i = 0; i < batch.capacity(); i++) {
                    batch.add(1, i, 0, true);
                }
                context.decode(batch);
                context.logits(63).toArray();
            }
        });
        for (Architecture architecture : Architecture.values()) {
            cases.livesOr(
                    "embeddings in place of tokens, " + architecture,
                    f -> {
                        try (LlamaContext context = f.context(architecture);
                                Batch batch = context.newEmbeddingBatch(8)) {
                            float[] embedding = new float[context.model().inputEmbeddingLength()];
                            batch.addEmbedding(embedding, 0, 0, true);
                            batch.addEmbedding(embedding, 1, 0, true);
                            context.decode(batch);
                            AbuseFixture.decode(context, 0, 2, 1);
                        }
                    },
                    LlamaException.class,
                    UnsupportedOperationException.class);
        }
    }

    private static void positions(AbuseCases cases) {
        int[][] wrong = {{0, 2}, {0, 0, 2}, {1, 0}, {0, 1, 0}, {5, 7}, {0, Integer.MAX_VALUE - 1}};
        for (int[] positions : wrong) {
            cases.rejects("positions " + java.util.Arrays.toString(positions), DecodeException.class, f -> {
                try (LlamaContext context = f.context();
                        Batch batch = context.newBatch()) {
                    for (int position : positions) {
                        batch.add(1, position, 0, true);
                    }
                    context.decode(batch);
                }
            });
        }
        for (int position : new int[] {0, 1, 4, 1000, Integer.MAX_VALUE - 1}) {
            cases.rejects("position %d after 3 tokens".formatted(position), DecodeException.class, f -> {
                try (LlamaContext context = f.decoded(3)) {
                    AbuseFixture.decode(context, 0, position, 1);
                }
            });
        }
        for (Architecture architecture : Architecture.values()) {
            for (int position : new int[] {1, 255, 256, 100_000, Integer.MAX_VALUE - 2}) {
                cases.livesOr(
                        "first position %d, %s".formatted(position, architecture),
                        f -> {
                            try (LlamaContext context = f.context(architecture)) {
                                AbuseFixture.decode(context, 0, position, 1);
                                AbuseFixture.decode(context, 0, position + 1, 1);
                            }
                        },
                        LlamaException.class,
                        IndexOutOfBoundsException.class);
            }
            cases.livesOr(
                    "the same position twice in a batch, " + architecture,
                    f -> {
                        try (LlamaContext context = f.context(architecture);
                                Batch batch = context.newBatch()) {
                            batch.add(1, 0, 0, true);
                            batch.add(1, 0, 0, true);
                            context.decode(batch);
                            batch.clear();
                            batch.add(1, 1, 0, true);
                            context.decode(batch);
                        }
                    },
                    LlamaException.class);
        }
    }

    private static void sequences(AbuseCases cases) {
        for (Architecture architecture : Architecture.values()) {
            for (boolean unified : new boolean[] {false, true}) {
                String kind = architecture + (unified ? ", unified" : ", apart");
                cases.livesOr(
                        "one token of all sequences, " + kind,
                        f -> shared(f, architecture, unified, false),
                        LlamaException.class,
                        IllegalArgumentException.class,
                        UnsupportedOperationException.class);
                cases.livesOr(
                        "one token of sequences that diverged, " + kind,
                        f -> shared(f, architecture, unified, true),
                        LlamaException.class,
                        IllegalArgumentException.class,
                        UnsupportedOperationException.class);
                cases.livesOr(
                        "sets of sequences that overlap in part, " + kind,
                        f -> overlap(f, architecture, unified),
                        LlamaException.class,
                        IllegalArgumentException.class,
                        UnsupportedOperationException.class);
            }
        }
    }

    private static void shared(AbuseFixture f, Architecture architecture, boolean unified, boolean diverged) {
        ContextOptions options = AbuseFixture.small().unifiedKvCache(unified).build();
        try (LlamaContext context = f.model(architecture).newContext(options);
                Batch batch = context.newBatch()) {
            if (diverged) {
                AbuseFixture.decode(context, 0, 0, 5);
                AbuseFixture.decode(context, 1, 0, 3);
            }
            batch.add(1, diverged ? 5 : 0, new int[] {0, 1, 2, 3}, true);
            context.decode(batch);
            AbuseFixture.decode(context, 0, diverged ? 6 : 1, 2);
            AbuseFixture.decode(context, 3, diverged ? 6 : 1, 2);
        }
    }

    private static void overlap(AbuseFixture f, Architecture architecture, boolean unified) {
        ContextOptions options = AbuseFixture.small().unifiedKvCache(unified).build();
        try (LlamaContext context = f.model(architecture).newContext(options);
                Batch batch = context.newBatch()) {
            batch.add(1, 0, new int[] {0, 1}, true);
            batch.add(1, 0, new int[] {2, 3}, true);
            batch.add(1, 1, new int[] {1, 2}, true);
            batch.add(1, 1, 0, true);
            context.decode(batch);
        }
    }

    private static void room(AbuseCases cases) {
        cases.rejects("more tokens than the memory holds", ContextFullException.class, f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().maxSequences(1))) {
                AbuseFixture.decode(context, 0, 0, 257);
            }
        });
        cases.rejects("more tokens than a unified memory holds", ContextFullException.class, f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().unifiedKvCache(true))) {
                AbuseFixture.decode(context, 0, 0, 200);
                AbuseFixture.decode(context, 1, 0, 100);
            }
        });
        cases.rejects("full, and full again", ContextFullException.class, f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().maxSequences(1))) {
                AbuseFixture.decode(context, 0, 0, 256);
                for (int i = 0; i < 3; i++) {
                    try {
                        AbuseFixture.decode(context, 0, 256, 1);
                    } catch (ContextFullException expected) {
                        context.memory().maxPosition(0);
                    }
                }
                AbuseFixture.decode(context, 0, 256, 1);
            }
        });
        cases.lives("full, then cleared", f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().maxSequences(1))) {
                AbuseFixture.decode(context, 0, 0, 256);
                context.memory().clear();
                AbuseFixture.decode(context, 0, 0, 256);
            }
        });
        cases.lives("2,000 tokens of a recurrent model", f -> {
            try (LlamaContext context = f.context(Architecture.MAMBA2)) {
                AbuseFixture.decode(context, 0, 0, 2000);
            }
        });
    }

    private static void attention(AbuseCases cases) {
        cases.rejects("no causal attention, more than a micro-batch", IllegalArgumentException.class, f -> {
            try (LlamaContext context = f.context()) {
                context.setCausalAttention(false);
                AbuseFixture.decode(context, 0, 0, 33);
            }
        });
        cases.rejects("an encoder, more than a micro-batch", IllegalArgumentException.class, f -> {
            try (LlamaContext context = f.context(Architecture.NOMIC_BERT)) {
                AbuseFixture.decode(context, 0, 0, 33);
            }
        });
        cases.rejects("an encoder made causal, more than a micro-batch", IllegalArgumentException.class, f -> {
            try (LlamaContext context = f.context(Architecture.NOMIC_BERT)) {
                context.setCausalAttention(true);
                AbuseFixture.decode(context, 0, 0, 33);
            }
        });
        for (Architecture architecture : Architecture.values()) {
            cases.livesOr(
                    "attention and embeddings switched between decodes, " + architecture,
                    f -> {
                        try (LlamaContext context = f.context(architecture)) {
                            for (int i = 0; i < 8; i++) {
                                context.setCausalAttention((i & 1) == 0);
                                context.setEmbeddings((i & 2) == 0);
                                AbuseFixture.decode(context, 0, 3 * i, 3);
                                context.logits(2).toArray();
                            }
                        }
                    },
                    LlamaException.class,
                    IllegalStateException.class);
        }
    }

    private static void encoders(AbuseCases cases) {
        for (Architecture architecture : Architecture.values()) {
            if (!architecture.isEncoder()) {
                cases.rejects("encode by " + architecture, UnsupportedOperationException.class, f -> {
                    try (LlamaContext context = f.context(architecture);
                            Batch batch = context.newBatch()) {
                        batch.add(1, 0, 0, true);
                        context.encode(batch);
                    }
                });
            }
        }
        cases.rejects("encode more than a micro-batch", IllegalArgumentException.class, f -> {
            try (LlamaContext context = f.context(Architecture.NOMIC_BERT);
                    Batch batch = context.newBatch()) {
                batch.addAll(new int[33], 0, 33, 0, 0, true);
                context.encode(batch);
            }
        });
    }

    private static void aborts(AbuseCases cases) {
        cases.rejects("aborted before", DecodeException.class, f -> {
            try (LlamaContext context = f.context()) {
                context.abort();
                AbuseFixture.decode(context, 0, 0, 10);
            }
        });
        cases.lives("aborted, then decoded again", f -> {
            try (LlamaContext context = f.context()) {
                context.abort();
                try {
                    AbuseFixture.decode(context, 0, 0, 10);
                } catch (DecodeException expected) {
                    context.memory().clear();
                }
                AbuseFixture.decode(context, 0, 0, 10);
            }
        });
        cases.rejects("an output of an aborted decode", IllegalStateException.class, f -> {
            try (LlamaContext context = f.decoded(3)) {
                context.abort();
                try {
                    AbuseFixture.decode(context, 0, 3, 1);
                } catch (DecodeException expected) {
                    context.logits(0);
                }
            }
        });
        cases.lives("aborted, then closed", f -> {
            try (LlamaContext context = f.context()) {
                context.abort();
            }
        });
    }

    /** Rows of random tokens, positions and sequences: mostly wrong, sometimes right. */
    private static void random(AbuseFixture f, int seed) {
        Random random = new Random(seed);
        Architecture[] all = Architecture.values();
        ContextOptions options = AbuseFixture.small()
                .unifiedKvCache(random.nextBoolean())
                .embeddings(random.nextInt(4) == 0)
                .build();
        int failed = 0;
        try (LlamaContext context = f.model(all[seed % all.length]).newContext(options);
                Batch batch = context.newBatch(32)) {
            for (int i = 0; i < 40; i++) {
                batch.clear();
                int[] next = {1, 1, 1, 1};
                for (int s = 0; s < 4; s++) {
                    next[s] = context.memory().maxPosition(s) + 1;
                }
                for (int row = random.nextInt(32); row >= 0; row--) {
                    int sequence = random.nextInt(4);
                    int position = random.nextInt(20) == 0 ? random.nextInt(300) : next[sequence]++;
                    batch.add(random.nextInt(512), position, sequence, random.nextBoolean());
                }
                try {
                    context.decode(batch);
                } catch (DecodeException e) {
                    failed++;
                    if (e instanceof ContextFullException) {
                        context.memory().clear();
                    }
                }
            }
        }
        if (failed == 40) {
            throw new IllegalStateException("no batch was decoded");
        }
    }
}
