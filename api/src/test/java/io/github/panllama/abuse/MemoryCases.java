package io.github.panllama.abuse;

import io.github.panllama.ContextMemory;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.synthetic.Architecture;
import java.util.Random;

/** Operations on sequences and positions that are not there, or that the memory cannot do. */
final class MemoryCases {
    /** What is done to the memory of a context. */
    @FunctionalInterface
    private interface Use {
        void of(ContextMemory memory) throws Exception;
    }

    private static final int END = ContextMemory.END;

    private MemoryCases() {}

    static void register(AbuseCases cases) {
        cases.family("memory");
        for (int sequence : new int[] {-1, 4, 256, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            sequences(cases, sequence);
        }
        ranges(cases);
        shifts(cases);
        for (Architecture architecture : Architecture.values()) {
            for (boolean unified : new boolean[] {false, true}) {
                architectures(cases, architecture, unified);
            }
        }
    }

    private static void rejects(AbuseCases cases, String name, Class<? extends Throwable> type, Use use) {
        cases.rejects(name, type, f -> {
            try (LlamaContext context = f.decoded(5)) {
                use.of(context.memory());
            }
        });
    }

    private static void sequences(AbuseCases cases, int sequence) {
        Class<IndexOutOfBoundsException> type = IndexOutOfBoundsException.class;
        rejects(cases, "remove sequence " + sequence, type, m -> m.remove(sequence));
        rejects(cases, "remove a part of sequence " + sequence, type, m -> m.remove(sequence, 0, 1));
        rejects(cases, "copy from sequence " + sequence, type, m -> m.copy(sequence, 0));
        rejects(cases, "copy to sequence " + sequence, type, m -> m.copy(0, sequence));
        rejects(cases, "keep sequence " + sequence, type, m -> m.keep(sequence));
        rejects(cases, "shift sequence " + sequence, type, m -> m.shift(sequence, 0, END, 1));
        rejects(cases, "divide sequence " + sequence, type, m -> m.divide(sequence, 0, END, 2));
        rejects(cases, "minPosition of sequence " + sequence, type, m -> m.minPosition(sequence));
        rejects(cases, "maxPosition of sequence " + sequence, type, m -> m.maxPosition(sequence));
    }

    private static void ranges(AbuseCases cases) {
        Class<IllegalArgumentException> type = IllegalArgumentException.class;
        int[][] ranges = {{-1, 3}, {3, 2}, {0, -2}, {Integer.MIN_VALUE, END}, {5, Integer.MIN_VALUE}};
        for (int[] range : ranges) {
            String name = "[%d, %d)".formatted(range[0], range[1]);
            rejects(cases, "remove " + name, type, m -> m.remove(0, range[0], range[1]));
            rejects(cases, "copy " + name, type, m -> m.copy(0, 1, range[0], range[1]));
            rejects(cases, "shift " + name, type, m -> m.shift(0, range[0], range[1], 1));
            rejects(cases, "divide " + name, type, m -> m.divide(0, range[0], range[1], 2));
        }
    }

    private static void shifts(AbuseCases cases) {
        rejects(cases, "shift below 0", IllegalArgumentException.class, m -> m.shift(0, 2, END, -3));
        rejects(
                cases,
                "shift by the smallest",
                IllegalArgumentException.class,
                m -> m.shift(0, 0, END, Integer.MIN_VALUE));
        rejects(
                cases,
                "shift by the largest",
                IllegalArgumentException.class,
                m -> m.shift(0, 0, END, Integer.MAX_VALUE));
        for (int divisor : new int[] {0, 1, -1, Integer.MIN_VALUE}) {
            rejects(cases, "divide by " + divisor, IllegalArgumentException.class, m -> m.divide(0, 0, END, divisor));
        }
        rejects(cases, "copy a part, apart", UnsupportedOperationException.class, m -> m.copy(0, 1, 1, 3));
    }

    private static void architectures(AbuseCases cases, Architecture architecture, boolean unified) {
        String kind = architecture + (unified ? ", unified" : ", apart");
        use(cases, "everything of sequences that are empty, " + kind, architecture, unified, c -> {
            ContextMemory memory = c.memory();
            memory.remove(3);
            memory.remove(3, 1, 2);
            memory.copy(3, 2);
            memory.copy(2, 2);
            memory.keep(3);
            memory.clear();
            memory.clear();
            AbuseFixture.decode(c, 3, 0, 2);
        });
        use(cases, "copied, diverged, removed, " + kind, architecture, unified, c -> {
            AbuseFixture.decode(c, 0, 0, 10);
            c.memory().copy(0, 1);
            c.memory().copy(0, 2);
            AbuseFixture.decode(c, 1, 10, 2);
            AbuseFixture.decode(c, 2, 10, 3);
            c.memory().remove(0);
            AbuseFixture.decode(c, 1, 12, 2);
            c.memory().keep(2);
            AbuseFixture.decode(c, 2, 13, 2);
        });
        use(cases, "shifted and decoded, " + kind, architecture, unified, c -> {
            AbuseFixture.decode(c, 0, 0, 10);
            c.memory().remove(0, 2, 5);
            c.memory().shift(0, 5, END, -3);
            AbuseFixture.decode(c, 0, c.memory().maxPosition(0) + 1, 2);
        });
        use(cases, "shifted far and decoded, " + kind, architecture, unified, c -> {
            AbuseFixture.decode(c, 0, 0, 10);
            c.memory().shift(0, 0, END, 1_000_000);
            AbuseFixture.decode(c, 0, c.memory().maxPosition(0) + 1, 2);
        });
        use(cases, "divided and decoded, " + kind, architecture, unified, c -> {
            AbuseFixture.decode(c, 0, 0, 10);
            c.memory().divide(0, 0, END, 1000);
            AbuseFixture.decode(c, 0, c.memory().maxPosition(0) + 1, 2);
        });
        use(cases, "shifted while shared, " + kind, architecture, unified, c -> {
            AbuseFixture.decode(c, 0, 0, 10);
            c.memory().copy(0, 1);
            c.memory().shift(0, 0, END, 5);
            AbuseFixture.decode(c, 0, c.memory().maxPosition(0) + 1, 2);
            AbuseFixture.decode(c, 1, c.memory().maxPosition(1) + 1, 2);
        });
        use(cases, "a hole removed and decoded, " + kind, architecture, unified, c -> {
            AbuseFixture.decode(c, 0, 0, 10);
            c.memory().remove(0, 0, 3);
            c.memory().remove(0, 9, END);
            AbuseFixture.decode(c, 0, c.memory().maxPosition(0) + 1, 2);
        });
        for (int seed = 1; seed <= 3; seed++) {
            int chosen = seed;
            use(
                    cases,
                    "random operations, seed %d, %s".formatted(seed, kind),
                    architecture,
                    unified,
                    c -> random(c, chosen));
        }
    }

    /** What is done to a context. */
    @FunctionalInterface
    private interface ContextUse {
        void of(LlamaContext context) throws Exception;
    }

    private static void use(AbuseCases cases, String name, Architecture architecture, boolean unified, ContextUse use) {
        cases.livesOr(
                name,
                f -> {
                    ContextOptions options =
                            AbuseFixture.small().unifiedKvCache(unified).build();
                    try (LlamaContext context = f.model(architecture).newContext(options)) {
                        use.of(context);
                    }
                },
                LlamaException.class,
                IndexOutOfBoundsException.class,
                UnsupportedOperationException.class);
    }

    private static void random(LlamaContext context, int seed) {
        Random random = new Random(seed);
        ContextMemory memory = context.memory();
        for (int i = 0; i < 60; i++) {
            int sequence = random.nextInt(4);
            int from = random.nextInt(20);
            int to = random.nextBoolean() ? END : from + random.nextInt(20);
            try {
                switch (random.nextInt(9)) {
                    case 0 -> memory.remove(sequence, from, to);
                    case 1 -> memory.copy(sequence, random.nextInt(4), from, to);
                    case 2 -> memory.copy(sequence, random.nextInt(4));
                    case 3 -> memory.shift(sequence, from, to, random.nextInt(10) - Math.min(from, 5));
                    case 4 -> memory.divide(sequence, from, to, 2 + random.nextInt(3));
                    case 5 ->
                        context.state(sequence)
                                .restore(context.state(random.nextInt(4)).save());
                    default ->
                        AbuseFixture.decode(context, sequence, memory.maxPosition(sequence) + 1, 1 + random.nextInt(8));
                }
            } catch (LlamaException
                    | IllegalArgumentException
                    | IllegalStateException
                    | UnsupportedOperationException e) {
                if (random.nextInt(8) == 0) {
                    memory.keep(sequence);
                }
            }
        }
    }
}
