package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.Embedding;
import io.github.panllama.LlamaContext;
import io.github.panllama.Logits;
import io.github.panllama.PoolingType;
import io.github.panllama.Sampler;
import io.github.panllama.synthetic.Architecture;

/** Outputs that are not there, not there any more, or read past their end. */
final class OutputCases {
    /** What is done with a context that has decoded three tokens, the last with an output. */
    @FunctionalInterface
    private interface Use {
        void of(LlamaContext context) throws Exception;
    }

    private OutputCases() {}

    static void register(AbuseCases cases) {
        cases.family("outputs");
        before(cases);
        rows(cases);
        views(cases);
        embeddings(cases);
    }

    private static void rejects(AbuseCases cases, String name, Class<? extends Throwable> type, Use use) {
        cases.rejects(name, type, f -> {
            try (LlamaContext context = f.decoded(3)) {
                use.of(context);
            }
        });
    }

    private static void before(AbuseCases cases) {
        cases.rejects("logits before a decode", IllegalStateException.class, f -> {
            try (LlamaContext context = f.context()) {
                context.logits(0);
            }
        });
        cases.rejects("embedding before a decode", IllegalStateException.class, f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().embeddings(true))) {
                context.embedding(0);
            }
        });
        cases.rejects("sampling before a decode", IllegalStateException.class, f -> {
            try (LlamaContext context = f.context();
                    Sampler sampler = Sampler.greedy(f.model())) {
                sampler.sample(context, 0);
            }
        });
        rejects(cases, "logits after a decode that failed", IllegalStateException.class, c -> {
            try {
                AbuseFixture.decode(c, 0, 100, 1);
            } catch (io.github.panllama.DecodeException expected) {
                c.logits(0);
            }
        });
        rejects(cases, "logits after a restore", IllegalStateException.class, c -> {
            c.state().restore(c.state().save());
            c.logits(2);
        });
        cases.lives("logits after a batch that was refused", f -> {
            try (LlamaContext context = f.decoded(3);
                    Batch batch = context.newBatch()) {
                try {
                    context.decode(batch);
                } catch (IllegalArgumentException expected) {
                    context.logits(2).toArray();
                }
            }
        });
    }

    private static void rows(AbuseCases cases) {
        for (int row : new int[] {-1, -2, 3, 63, 64, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            rejects(cases, "logits of row " + row, IndexOutOfBoundsException.class, c -> c.logits(row));
            rejects(cases, "sampling row " + row, IndexOutOfBoundsException.class, c -> {
                try (Sampler sampler = Sampler.greedy(c.model())) {
                    sampler.sample(c, row);
                }
            });
        }
        rejects(cases, "logits of a row without", IllegalArgumentException.class, c -> c.logits(1));
        rejects(cases, "sampling a row without", IllegalArgumentException.class, c -> {
            try (Sampler sampler = Sampler.greedy(c.model())) {
                sampler.sample(c, 1);
            }
        });
        rejects(cases, "a row whose output was asked for after the decode", IllegalArgumentException.class, c -> {
            try (Batch batch = c.newBatch()) {
                batch.add(1, 3, 0, false);
                c.decode(batch);
                batch.setOutput(0, true);
                c.logits(0);
            }
        });
    }

    private static void views(AbuseCases cases) {
        for (int token : new int[] {-1, 512, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            rejects(
                    cases,
                    "logit of token " + token,
                    IndexOutOfBoundsException.class,
                    c -> c.logits(2).get(token));
            rejects(
                    cases,
                    "probability of token " + token,
                    IndexOutOfBoundsException.class,
                    c -> c.logits(2).logProbability(token));
            rejects(
                    cases,
                    "logprob of token " + token,
                    IndexOutOfBoundsException.class,
                    c -> c.logits(2).logprob(token, 1));
        }
        for (int count : new int[] {0, -1, Integer.MIN_VALUE}) {
            rejects(
                    cases,
                    "top " + count,
                    IllegalArgumentException.class,
                    c -> c.logits(2).top(count));
        }
        for (int count : new int[] {-1, 513, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            rejects(
                    cases,
                    "logprobs of " + count + " tokens",
                    IllegalArgumentException.class,
                    c -> c.logits(2).logprob(0, count));
        }
        cases.lives("top of more than there are", f -> {
            try (LlamaContext context = f.decoded(3)) {
                context.logits(2).top(Integer.MAX_VALUE);
            }
        });
        for (int offset : new int[] {-1, 1, Integer.MAX_VALUE}) {
            rejects(
                    cases,
                    "copy from offset " + offset,
                    IndexOutOfBoundsException.class,
                    c -> c.logits(2).copyTo(new float[512], offset));
        }
        rejects(
                cases,
                "copy into an array too short",
                IndexOutOfBoundsException.class,
                c -> c.logits(2).copyTo(new float[511], 0));
        rejects(cases, "a view after the next decode", IllegalStateException.class, c -> {
            Logits logits = c.logits(2);
            AbuseFixture.decode(c, 0, 3, 1);
            logits.get(0);
        });
        rejects(cases, "a copy after the next decode", IllegalStateException.class, c -> {
            Logits logits = c.logits(2);
            AbuseFixture.decode(c, 0, 3, 1);
            logits.toArray();
        });
        rejects(cases, "a view after a decode that failed", IllegalStateException.class, c -> {
            Logits logits = c.logits(2);
            try {
                AbuseFixture.decode(c, 0, 100, 1);
            } catch (io.github.panllama.DecodeException expected) {
                logits.get(0);
            }
        });
        rejects(cases, "a view after close", IllegalStateException.class, c -> {
            Logits logits = c.logits(2);
            c.close();
            logits.get(0);
        });
        rejects(cases, "a view after the context and the model are closed", IllegalStateException.class, c -> {
            Logits logits = c.logits(2);
            c.close();
            System.gc();
            logits.toArray();
        });
    }

    private static void embeddings(AbuseCases cases) {
        rejects(cases, "embedding of a context that computes none", IllegalStateException.class, c -> c.embedding(2));
        rejects(
                cases,
                "sequence embedding of a context that does not pool",
                IllegalStateException.class,
                c -> c.sequenceEmbedding(0));
        rejects(cases, "embeddings switched on after the decode", IllegalStateException.class, c -> {
            c.setEmbeddings(true);
            c.embedding(2);
        });
        for (int sequence : new int[] {-1, 4, 256, Integer.MAX_VALUE}) {
            rejects(
                    cases,
                    "embedding of sequence " + sequence,
                    IndexOutOfBoundsException.class,
                    c -> c.sequenceEmbedding(sequence));
        }
        cases.rejects("embedding of a row under pooling", IllegalStateException.class, f -> {
            try (LlamaContext context =
                    f.context(AbuseFixture.small().embeddings(true).pooling(PoolingType.MEAN))) {
                AbuseFixture.decode(context, 0, 0, 3);
                context.embedding(0);
            }
        });
        cases.rejects("embedding of a sequence that was not in the batch", IllegalStateException.class, f -> {
            try (LlamaContext context =
                    f.context(AbuseFixture.small().embeddings(true).pooling(PoolingType.MEAN))) {
                AbuseFixture.decode(context, 0, 0, 3);
                context.sequenceEmbedding(1);
            }
        });
        cases.rejects("dimension past the end", IndexOutOfBoundsException.class, f -> {
            try (LlamaContext context =
                    AbuseFixture.decoded(f.context(AbuseFixture.small().embeddings(true)), 3)) {
                Embedding embedding = context.embedding(2);
                embedding.get(embedding.size());
            }
        });
        cases.rejects("embedding after the next decode", IllegalStateException.class, f -> {
            try (LlamaContext context =
                    AbuseFixture.decoded(f.context(AbuseFixture.small().embeddings(true)), 3)) {
                Embedding embedding = context.embedding(2);
                AbuseFixture.decode(context, 0, 3, 1);
                embedding.get(0);
            }
        });
        cases.rejects("logits of an encoder", IllegalStateException.class, f -> {
            try (LlamaContext context = f.context(Architecture.NOMIC_BERT)) {
                AbuseFixture.decode(context, 0, 0, 3);
                context.logits(2);
            }
        });
        cases.rejects("sampling from an encoder", IllegalStateException.class, f -> {
            try (LlamaContext context = f.context(Architecture.NOMIC_BERT);
                    Sampler sampler = Sampler.greedy(context.model())) {
                AbuseFixture.decode(context, 0, 0, 3);
                sampler.sample(context, 2);
            }
        });
    }
}
