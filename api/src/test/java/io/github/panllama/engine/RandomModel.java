package io.github.panllama.engine;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** A model of random weights in single precision: what it computes hardly depends on who is computed beside. */
final class RandomModel {
    /** How far a step of many rows may be from a batch of one sequence; a wrong row is far above it. */
    static final double ROUNDING = 2e-3;

    private RandomModel() {}

    static Path write(Path folder) throws IOException {
        Path file = folder.resolve("random.gguf");
        SyntheticModel.builder(Architecture.LLAMA).write(file);
        return file;
    }

    static LlamaModel load(Path file) {
        return LlamaModel.load(file, ModelOptions.builder().gpuLayers(0).build());
    }

    /** A context of one sequence, to compute references with. */
    static LlamaContext context(LlamaModel model) {
        return model.newContext(exact(ContextOptions.builder().contextSize(512)).build());
    }

    static EngineOptions.Builder options() {
        return EngineOptions.builder().context(RandomModel::exact);
    }

    private static ContextOptions.Builder exact(ContextOptions.Builder context) {
        return context.threads(1)
                .offloadOperations(false)
                .kvCacheType(KvCacheType.F32)
                .flashAttention(FlashAttention.DISABLED);
    }

    /** Ordinary tokens, the same ones for the same seed. */
    static int[] prompt(int length, long seed) {
        return new Random(seed).ints(length, 0, 400).toArray();
    }

    /** The logarithms of the softmax for each token that was generated, computed in one batch. */
    static List<double[]> logSoftmax(LlamaContext context, int[] prompt, List<Integer> tokens) {
        context.memory().clear();
        try (Batch batch = context.newBatch()) {
            for (int i = 0; i < prompt.length; i++) {
                batch.add(prompt[i], i, 0, i == prompt.length - 1);
            }
            for (int i = 0; i < tokens.size() - 1; i++) {
                batch.add(tokens.get(i), prompt.length + i, 0, true);
            }
            context.decode(batch);
            return IntStream.range(0, tokens.size())
                    .mapToObj(i ->
                            logSoftmax(context.logits(prompt.length - 1 + i).toArray()))
                    .toList();
        }
    }

    private static double[] logSoftmax(float[] logits) {
        double sum = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(logits[i]))
                .sum();
        return IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i] - Math.log(sum))
                .toArray();
    }
}
