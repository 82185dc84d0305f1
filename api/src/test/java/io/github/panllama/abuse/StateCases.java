package io.github.panllama.abuse;

import io.github.panllama.ContextOptions;
import io.github.panllama.InvalidStateException;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.synthetic.Architecture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;

/** States that are damaged, foreign, or of a context of other options. */
final class StateCases {
    private StateCases() {}

    static void register(AbuseCases cases) {
        cases.family("state");
        for (int sequence : new int[] {-1, 4, 256, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            cases.rejects("of sequence " + sequence, IndexOutOfBoundsException.class, f -> {
                try (LlamaContext context = f.context()) {
                    context.state(sequence);
                }
            });
        }
        bytes(cases);
        streams(cases);
        for (Architecture architecture : Architecture.values()) {
            otherOptions(cases, architecture);
        }
    }

    private static void damaged(AbuseCases cases, String name, UnaryOperator<byte[]> damage) {
        for (boolean whole : new boolean[] {true, false}) {
            cases.rejects(name + (whole ? ", whole" : ", of a sequence"), InvalidStateException.class, f -> {
                try (LlamaContext context = f.decoded(5)) {
                    var state = whole ? context.state() : context.state(0);
                    state.restore(damage.apply(state.save()));
                }
            });
        }
    }

    private static void bytes(AbuseCases cases) {
        damaged(cases, "empty", state -> new byte[0]);
        damaged(cases, "zeros", state -> new byte[state.length]);
        for (int length : new int[] {1, 8, 12, 13, 20, 60, 100, 1000}) {
            damaged(cases, "first %d bytes".formatted(length), state -> Arrays.copyOf(state, length));
        }
        damaged(cases, "without its last byte", state -> Arrays.copyOf(state, state.length - 1));
        for (int seed = 1; seed <= 10; seed++) {
            int chosen = seed;
            damaged(cases, "one byte changed, seed " + seed, state -> {
                state[new Random(chosen).nextInt(state.length)] ^= 1;
                return state;
            });
        }
        damaged(cases, "random bytes", state -> {
            new Random(1).nextBytes(state);
            return state;
        });
        damaged(cases, "length of 2^63-1", state -> {
            // Behind magic, version, kind, release (2 + 5 bytes) and fingerprint.
            Arrays.fill(state, 8 + 4 + 1 + 7 + 32, 8 + 4 + 1 + 7 + 32 + 8, (byte) 0xff);
            state[8 + 4 + 1 + 7 + 32] = 0x7f;
            return state;
        });
        cases.rejects("a sequence's as a context's", InvalidStateException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().restore(context.state(0).save());
            }
        });
        cases.rejects("another model's", InvalidStateException.class, f -> {
            try (LlamaContext context = f.decoded(5);
                    LlamaContext other = AbuseFixture.decoded(f.context(Architecture.QWEN2), 5)) {
                context.state().restore(other.state().save());
            }
        });
        cases.lives("of a context that decoded nothing", f -> {
            try (LlamaContext context = f.context()) {
                context.state().restore(context.state().save());
                context.state(3).restore(context.state(0).save());
                AbuseFixture.decode(context, 3, 0, 2);
            }
        });
    }

    private static void streams(AbuseCases cases) {
        cases.rejects("a stream that fails to write", IOException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().save(new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("the disk is full");
                    }
                });
            }
        });
        cases.rejects("a stream that fails to read", IOException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().restore(new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("the disk is gone");
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        return read();
                    }
                });
            }
        });
        cases.rejects("a stream that decodes meanwhile", IllegalStateException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().save(new OutputStream() {
                    @Override
                    public void write(int b) {
                        AbuseFixture.decode(context, 0, 5, 1);
                    }
                });
            }
        });
        cases.lives("a stream of one byte at a time", f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().restore(new OneByOne(context.state().save()));
            }
        });
        cases.rejects("a missing file", IOException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().restore(f.newFile());
            }
        });
        cases.rejects("a model's file", InvalidStateException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().restore(f.file());
            }
        });
        cases.rejects("a folder that is missing", IOException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                context.state().save(Path.of("/no/such/folder/state"));
            }
        });
        cases.rejects("onto a folder", IOException.class, f -> {
            try (LlamaContext context = f.decoded(5)) {
                Path folder = Files.createDirectory(f.newFile());
                Files.createFile(folder.resolve("inside"));
                context.state().save(folder);
            }
        });
    }

    private static final class OneByOne extends ByteArrayInputStream {
        OneByOne(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(1, length));
        }
    }

    private static void otherOptions(AbuseCases cases, Architecture architecture) {
        into(cases, architecture, "more sequences", o -> o.maxSequences(8));
        into(cases, architecture, "fewer sequences", o -> o.maxSequences(1));
        into(cases, architecture, "a unified memory", o -> o.unifiedKvCache(true));
        into(cases, architecture, "a larger memory", o -> o.contextSize(2048));
        into(cases, architecture, "other number formats", o -> o.kvCacheType(KvCacheType.F32));
        into(cases, architecture, "embeddings", o -> o.embeddings(true));
        into(
                cases,
                architecture,
                "no flash attention",
                o -> o.flashAttention(io.github.panllama.FlashAttention.DISABLED));
    }

    private static void into(
            AbuseCases cases, Architecture architecture, String name, UnaryOperator<ContextOptions.Builder> options) {
        for (boolean whole : new boolean[] {true, false}) {
            for (boolean back : new boolean[] {false, true}) {
                cases.livesOr(
                        "%s, %s %s %s"
                                .formatted(
                                        architecture, whole ? "whole" : "a sequence's", back ? "from" : "into", name),
                        f -> {
                            ContextOptions other =
                                    options.apply(AbuseFixture.small()).build();
                            try (LlamaContext one = f.context(architecture);
                                    LlamaContext two = f.model(architecture).newContext(other)) {
                                transfer(back ? two : one, back ? one : two, whole);
                            }
                        },
                        LlamaException.class);
            }
        }
    }

    private static void transfer(LlamaContext from, LlamaContext to, boolean whole) {
        int last = from.maxSequences() - 1;
        AbuseFixture.decode(from, 0, 0, 20);
        AbuseFixture.decode(from, last, last == 0 ? 20 : 0, 10);
        AbuseFixture.decode(to, 0, 0, 3);
        byte[] state = whole ? from.state().save() : from.state(last).save();
        try {
            if (whole) {
                to.state().restore(state);
            } else {
                to.state(to.maxSequences() - 1).restore(state);
            }
        } finally {
            for (int i = 0; i < to.maxSequences(); i++) {
                AbuseFixture.decode(to, i, to.memory().maxPosition(i) + 1, 2);
            }
        }
    }
}
