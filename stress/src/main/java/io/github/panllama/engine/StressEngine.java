package io.github.panllama.engine;

import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the models of the engine share: a small model, of which all are, and an engine. */
final class StressEngine {
    static final LlamaModel MODEL = load();
    private static final Sampler SAMPLER = Sampler.greedy(MODEL);
    private static final CompletionRequest REQUEST = CompletionRequest.of("text");

    private StressEngine() {}

    /** A small engine, of which nothing is measured. */
    static LlamaEngine start() {
        return LlamaEngine.start(
                MODEL,
                EngineOptions.builder()
                        .sequences(2)
                        .contextSize(256)
                        .context(context -> context.threads(1)
                                .flashAttention(FlashAttention.DISABLED)
                                .unifiedKvCache(true))
                        .build());
    }

    /** A job that waits. Nothing of it may be released: all have one sampler. */
    static Job job() {
        ReplicaLoad replica = new ReplicaLoad(0, 1, 256);
        RoutedPrompt prompt = new RoutedPrompt(List.of(replica), 1, 1, 0, new long[0], 0, null);
        JobLoad load = new JobLoad(new Router(false), replica, prompt, 0, 1);
        Generation generation = new Generation(1, () -> {});
        return new Job(REQUEST, new int[] {1}, 256, generation, SAMPLER, null, MODEL.tokenizer(), null, load, 1);
    }

    private static LlamaModel load() {
        try {
            Path file = Files.createTempFile("panllama-stress", ".gguf");
            try {
                SyntheticModel.builder(Architecture.LLAMA).contextLength(512).write(file);
                return LlamaModel.load(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
