package io.github.panllama;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticLora;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Small random models, each written once in a test run, and what most tests do with them. */
final class TestModels {
    /** Tokens of the vocabulary of every model here. */
    static final int VOCABULARY = 512;

    private static final Path FOLDER = folder();
    private static final Map<Architecture, Path> FILES = new EnumMap<>(Architecture.class);

    private TestModels() {}

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("panllama-test-models");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where tests may write; gone when the JVM ends. */
    static Path path(String name) {
        return FOLDER.resolve(name);
    }

    static synchronized Path file(Architecture architecture) {
        return FILES.computeIfAbsent(architecture, kind -> {
            Path file = path(kind.ggufName() + ".gguf");
            try {
                SyntheticModel.builder(kind).write(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return file;
        });
    }

    /** The model, on the CPU. */
    static LlamaModel load(Architecture architecture) {
        return LlamaModel.load(file(architecture), cpu().build());
    }

    static LlamaModel llama() {
        return load(Architecture.LLAMA);
    }

    static ModelOptions.Builder cpu() {
        return ModelOptions.builder().gpuLayers(0);
    }

    /** An adapter for the llama model. */
    static Path lora(long seed) throws IOException {
        Path file = path("lora-" + seed + ".gguf");
        SyntheticLora.write(file, file(Architecture.LLAMA), 4, 0.5f, seed);
        return file;
    }

    /** A context on one thread that holds {@code tokens} tokens. */
    static ContextOptions.Builder context(int tokens) {
        return ContextOptions.builder().contextSize(tokens).threads(1).offloadOperations(false);
    }

    /** Ordinary tokens, the same ones for the same seed. */
    static int[] prompt(int length, long seed) {
        return new Random(seed).ints(length, 0, 400).toArray();
    }

    /** Decodes a prompt from {@code position} on and answers the logits of its last token. */
    static float[] evaluate(LlamaContext context, int sequence, int position, int... prompt) {
        try (Batch batch = context.newBatch(prompt.length)) {
            batch.addAll(prompt, 0, prompt.length, position, sequence, true);
            context.decode(batch);
            return context.logits(prompt.length - 1).toArray();
        }
    }

    /** Decodes a prompt from {@code position} on, and generates {@code count} tokens by the largest logit. */
    static int[] greedy(LlamaContext context, int sequence, int position, int[] prompt, int count) {
        int[] generated = new int[count];
        int[] next = prompt;
        int at = position;
        for (int i = 0; i < count; i++) {
            generated[i] = argmax(evaluate(context, sequence, at, next));
            at += next.length;
            next = new int[] {generated[i]};
        }
        return generated;
    }

    /** How far some logits are from those that are expected, beside the size of these: 0 for equal ones. */
    static double distance(float[] logits, float[] expected) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += (logits[i] - expected[i]) * (double) (logits[i] - expected[i]);
            size += expected[i] * (double) expected[i];
        }
        return Math.sqrt(difference / size);
    }

    static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }
}
