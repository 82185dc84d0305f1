package io.github.panllama.bench.gpu;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.cli.bench.EngineTarget;
import io.github.panllama.cli.bench.LoadGenerator;
import io.github.panllama.cli.bench.Prompts;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.LlamaEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Lets Java compile the engine before anything is measured in a fresh process: with a tiny model on the CPU, which takes
 * some thousand steps a second. A large one on a card takes some hundred, and would be measured while that goes on.
 */
final class JavaWarmUp {
    private static final int SEQUENCES = 4;
    private static final int PROMPT = 16;
    private static final int TOKENS = 64;

    private JavaWarmUp() {}

    static void run(double seconds) throws IOException {
        Path folder = Files.createTempDirectory("panllama-bench");
        BenchModel.File file = BenchModels.tiny(folder).getFirst().file();
        try {
            run(file.get(), seconds);
        } finally {
            file.release();
            Files.deleteIfExists(folder);
        }
    }

    private static void run(Path file, double seconds) {
        long begin = System.nanoTime();
        ModelOptions cpu =
                ModelOptions.builder().gpuLayers(0).devices(List.of()).build();
        EngineOptions options = EngineOptions.builder()
                .sequences(SEQUENCES)
                .contextSize(SEQUENCES * (PROMPT + TOKENS))
                .build();
        try (LlamaModel model = LlamaModel.load(file, cpu);
                LlamaEngine engine = LlamaEngine.start(model, options)) {
            LoadGenerator generator = new LoadGenerator(new EngineTarget(engine), count -> {});
            Prompts prompts = new Prompts(model.tokenizer(), PROMPT, 0, 1);
            do {
                generator.closedLoop(SEQUENCES, prompts.next(SEQUENCES), TOKENS);
            } while (System.nanoTime() - begin < seconds * 1e9);
        }
    }
}
