package io.github.panllama.abuse;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.synthetic.Architecture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;

/** Files that are no model, and listeners that misbehave. */
final class LoadCases {
    private LoadCases() {}

    static void register(AbuseCases cases) {
        cases.family("load");
        paths(cases);
        for (int percent : new int[] {1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99}) {
            cases.rejects("cut to " + percent + " %", ModelLoadException.class, fixture -> {
                byte[] bytes = Files.readAllBytes(fixture.file());
                load(write(fixture, java.util.Arrays.copyOf(bytes, bytes.length * percent / 100)));
            });
        }
        for (int length : new int[] {0, 1, 3, 4, 8, 12, 16, 23, 24, 25, 32, 100}) {
            cases.rejects("cut to " + length + " bytes", ModelLoadException.class, fixture -> {
                byte[] bytes = Files.readAllBytes(fixture.file());
                load(write(fixture, java.util.Arrays.copyOf(bytes, length)));
            });
        }
        for (int size : new int[] {4, 64, 4096, 100_000}) {
            cases.rejects(size + " random bytes", ModelLoadException.class, fixture -> {
                byte[] bytes = new byte[size];
                new Random(size).nextBytes(bytes);
                load(write(fixture, bytes));
            });
        }
        for (int seed = 1; seed <= 24; seed++) {
            int chosen = seed;
            cases.livesOr(
                    "header with damaged bytes, seed " + seed,
                    fixture -> load(write(fixture, damage(fixture, chosen))),
                    ModelLoadException.class);
        }
        splits(cases);
        listeners(cases);
    }

    private static void paths(AbuseCases cases) {
        cases.rejects("missing file", ModelLoadException.class, fixture -> load(fixture.newFile()));
        cases.rejects("folder", ModelLoadException.class, fixture -> load(fixture.file("")));
        cases.rejects("folder that is missing", ModelLoadException.class, fixture -> load(Path.of("/no/such/x.gguf")));
        cases.rejects("empty path", ModelLoadException.class, fixture -> load(Path.of("")));
        cases.rejects("empty file", ModelLoadException.class, fixture -> load(write(fixture, new byte[0])));
        cases.rejects("device file", ModelLoadException.class, fixture -> load(Path.of("/dev/null")));
        cases.rejects("file that is no GGUF", ModelLoadException.class, fixture -> load(write(fixture, new byte[100])));
        cases.rejects(
                "path through a file",
                ModelLoadException.class,
                fixture -> load(fixture.file().resolve("inside.gguf")));
        cases.rejects("very long name", ModelLoadException.class, fixture -> load(Path.of("x".repeat(5000))));
        cases.rejects(
                "adapter in place of a model",
                ModelLoadException.class,
                fixture -> load(fixture.file(AbuseFiles.LORA)));
    }

    private static void splits(AbuseCases cases) {
        cases.rejects("no files", IllegalArgumentException.class, fixture -> load(List.of()));
        cases.rejects("a null among the files", NullPointerException.class, fixture -> {
            List<Path> files = new ArrayList<>();
            files.add(null);
            load(files);
        });
        cases.rejects(
                "the same file twice",
                ModelLoadException.class,
                fixture -> load(List.of(fixture.file(), fixture.file())));
        cases.rejects(
                "files of two models",
                ModelLoadException.class,
                fixture -> load(List.of(fixture.file(), fixture.file(Architecture.QWEN2))));
        cases.rejects(
                "a good file and a missing one",
                ModelLoadException.class,
                fixture -> load(List.of(fixture.file(), fixture.newFile())));
    }

    private static void listeners(AbuseCases cases) {
        cases.rejects("listener that throws", ArithmeticException.class, fixture -> {
            load(fixture, ModelOptions.builder().progress(fraction -> {
                throw new ArithmeticException("thrown by the listener");
            }));
        });
        cases.rejects("listener that throws an Error", AssertionError.class, fixture -> {
            load(fixture, ModelOptions.builder().progress(fraction -> {
                throw new AssertionError("thrown by the listener");
            }));
        });
        cases.rejects("listener that overflows the stack", StackOverflowError.class, fixture -> {
            load(fixture, ModelOptions.builder().progress(fraction -> overflow(0) > 0));
        });
        cases.rejects("listener that cancels at once", CancellationException.class, fixture -> {
            load(fixture, ModelOptions.builder().progress(fraction -> false));
        });
        cases.livesOr(
                "listener that cancels half way",
                fixture -> load(fixture, ModelOptions.builder().progress(fraction -> fraction < 0.5f)),
                CancellationException.class);
        cases.livesOr(
                "listener that cancels at the end",
                fixture -> load(fixture, ModelOptions.builder().progress(fraction -> fraction < 1)),
                CancellationException.class);
        cases.lives("listener that loads a model itself", fixture -> {
            load(fixture, ModelOptions.builder().progress(fraction -> {
                fixture.freshModel().close();
                return true;
            }));
        });
        cases.lives("listener that interrupts its thread", fixture -> {
            load(fixture, ModelOptions.builder().progress(fraction -> {
                Thread.currentThread().interrupt();
                return true;
            }));
            Thread.interrupted();
        });
    }

    private static int overflow(int depth) {
        return depth < 0 ? depth : 1 + overflow(depth + 1);
    }

    /** A model's bytes with some of its header changed at random. */
    static byte[] damage(AbuseFixture fixture, int seed) throws Exception {
        byte[] bytes = Files.readAllBytes(fixture.file());
        int header = (int) GgufFile.read(fixture.file()).dataOffset();
        Random random = new Random(seed);
        for (int i = 0; i < 1 + seed % 8; i++) {
            // Half of the changes near the start, where the counts and the sizes are.
            bytes[random.nextInt(random.nextBoolean() ? 2000 : header)] = (byte) random.nextInt();
        }
        return bytes;
    }

    static Path write(AbuseFixture fixture, byte[] bytes) throws Exception {
        return Files.write(fixture.newFile(), bytes);
    }

    static void load(Path file) {
        LlamaModel.load(file).close();
    }

    private static void load(List<Path> files) {
        LlamaModel.load(files, ModelOptions.defaults()).close();
    }

    static void load(AbuseFixture fixture, ModelOptions.Builder options) {
        LlamaModel.load(fixture.file(), options.build()).close();
    }
}
