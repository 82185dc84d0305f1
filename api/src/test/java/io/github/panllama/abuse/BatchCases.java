package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.LlamaContext;
import java.util.stream.IntStream;

/** Batches filled with what no context accepts. */
final class BatchCases {
    /** What is done to a batch. */
    @FunctionalInterface
    private interface Use {
        void on(Batch batch, LlamaContext context) throws Exception;
    }

    private BatchCases() {}

    static void register(AbuseCases cases) {
        cases.family("batch");
        capacity(cases);
        for (int token : new int[] {-1, 512, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            rejects(cases, "token " + token, IndexOutOfBoundsException.class, (b, c) -> b.add(token, 0, 0, true));
            rejects(
                    cases,
                    "shared token " + token,
                    IndexOutOfBoundsException.class,
                    (b, c) -> b.add(token, 0, new int[] {0, 1}, true));
        }
        for (int position : new int[] {-1, Integer.MIN_VALUE}) {
            rejects(
                    cases,
                    "position " + position,
                    IndexOutOfBoundsException.class,
                    (b, c) -> b.add(1, position, 0, true));
        }
        for (int sequence : new int[] {-1, 4, 256, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            rejects(
                    cases,
                    "sequence " + sequence,
                    IndexOutOfBoundsException.class,
                    (b, c) -> b.add(1, 0, sequence, true));
            rejects(
                    cases,
                    "shared sequence " + sequence,
                    IndexOutOfBoundsException.class,
                    (b, c) -> b.add(1, 0, new int[] {0, sequence}, true));
        }
        rejects(
                cases,
                "a token of no sequence",
                IllegalArgumentException.class,
                (b, c) -> b.add(1, 0, new int[0], true));
        rejects(
                cases,
                "a sequence named twice",
                IllegalArgumentException.class,
                (b, c) -> b.add(1, 0, new int[] {1, 1}, true));
        rejects(
                cases,
                "a token of 1000 sequences",
                IllegalArgumentException.class,
                (b, c) -> b.add(1, 0, IntStream.range(0, 1000).toArray(), true));
        ranges(cases);
        embeddings(cases);
        rows(cases);
    }

    private static void rejects(AbuseCases cases, String name, Class<? extends Throwable> type, Use use) {
        cases.rejects(name, type, f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().unifiedKvCache(true));
                    Batch batch = context.newBatch()) {
                use.on(batch, context);
            }
        });
    }

    private static void lives(AbuseCases cases, String name, Use use) {
        cases.lives(name, f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().unifiedKvCache(true));
                    Batch batch = context.newBatch()) {
                use.on(batch, context);
            }
        });
    }

    private static void capacity(AbuseCases cases) {
        for (int capacity : new int[] {0, -1, 65, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            rejects(cases, "capacity " + capacity, IllegalArgumentException.class, (b, c) -> c.newBatch(capacity));
            rejects(
                    cases,
                    "capacity of embeddings " + capacity,
                    IllegalArgumentException.class,
                    (b, c) -> c.newEmbeddingBatch(capacity));
        }
    }

    private static void ranges(AbuseCases cases) {
        int[] tokens = {1, 2, 3};
        int[][] ranges = {{-1, 2}, {0, 4}, {2, 1}, {4, 4}, {Integer.MIN_VALUE, 0}, {0, Integer.MAX_VALUE}};
        for (int[] range : ranges) {
            rejects(
                    cases,
                    "range [%d, %d) of 3 tokens".formatted(range[0], range[1]),
                    IndexOutOfBoundsException.class,
                    (b, c) -> b.addAll(tokens, range[0], range[1], 0, 0, true));
        }
        rejects(
                cases,
                "range with a wrong token",
                IndexOutOfBoundsException.class,
                (b, c) -> b.addAll(new int[] {1, -5}, 0, 2, 0, 0, true));
        rejects(
                cases,
                "range whose positions overflow",
                IndexOutOfBoundsException.class,
                (b, c) -> b.addAll(tokens, 0, 3, Integer.MAX_VALUE - 1, 0, true));
        rejects(
                cases,
                "range of too many tokens",
                IllegalStateException.class,
                (b, c) -> b.addAll(new int[65], 0, 65, 0, 0, true));
        lives(cases, "range of nothing", (b, c) -> b.addAll(tokens, 1, 1, 0, 0, true));
    }

    private static void embeddings(AbuseCases cases) {
        rejects(
                cases,
                "an embedding among tokens",
                IllegalStateException.class,
                (b, c) -> b.addEmbedding(new float[64], 0, 0, true));
        rejects(cases, "a token among embeddings", IllegalStateException.class, (b, c) -> {
            try (Batch embeddings = c.newEmbeddingBatch(4)) {
                embeddings.add(1, 0, 0, true);
            }
        });
        for (int length : new int[] {0, 63, 65, 100_000}) {
            rejects(cases, "an embedding of %d floats".formatted(length), IllegalArgumentException.class, (b, c) -> {
                try (Batch embeddings = c.newEmbeddingBatch(4)) {
                    embeddings.addEmbedding(new float[length], 0, 0, true);
                }
            });
        }
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE, 0}) {
            lives(cases, "embeddings of " + value, (b, c) -> {
                float[] embedding = new float[64];
                java.util.Arrays.fill(embedding, value);
                try (Batch embeddings = c.newEmbeddingBatch(4)) {
                    embeddings.addEmbedding(embedding, 0, 0, true);
                    c.decode(embeddings);
                    c.logits(0).toArray();
                    c.logits(0).top(5);
                }
            });
        }
    }

    private static void rows(AbuseCases cases) {
        for (int row : new int[] {-1, 0, 64, Integer.MAX_VALUE}) {
            rejects(
                    cases,
                    "setOutput of row " + row,
                    IndexOutOfBoundsException.class,
                    (b, c) -> b.setOutput(row, true));
        }
        rejects(cases, "a row too many", IllegalStateException.class, (b, c) -> {
            for (int i = 0; i < 65; i++) {
                b.add(1, i, 0, false);
            }
        });
        lives(cases, "setOutput of one row again and again", (b, c) -> {
            b.add(1, 0, 0, true);
            b.setOutput(0, true);
            b.setOutput(0, false);
            b.setOutput(0, false);
        });
        lives(cases, "cleared and filled 10,000 times", (b, c) -> {
            for (int i = 0; i < 10_000; i++) {
                b.clear();
                b.addAll(new int[64], 0, 64, 0, 0, false);
            }
        });
    }
}
