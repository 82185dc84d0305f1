package com.example.quickstart;

import io.github.panllama.GenerationRequest;
import io.github.panllama.GenerationResult;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Continues a prompt, always with the likeliest token, by the model that is named, or else by a random one. */
public final class Quickstart {
    private Quickstart() {}

    public static void main(String... args) throws IOException {
        Path file = args.length > 0 ? Path.of(args[0]) : randomModel();
        GenerationRequest request = GenerationRequest.builder("Once upon a time")
                .maxTokens(16)
                .sampling(SamplingOptions.greedy())
                .onText(System.out::print)
                .build();
        try (LlamaModel model = LlamaModel.load(file);
                TextGenerator generator = TextGenerator.of(model)) {
            GenerationResult result = generator.generate(request);
            System.out.printf("%n%d tokens, %s%n", result.tokens().size(), result.finishReason());
        }
    }

    /** A small model with random weights: it writes nonsense, and shows that everything works. */
    static Path randomModel() throws IOException {
        Path file = Files.createTempFile("quickstart", ".gguf");
        file.toFile().deleteOnExit();
        SyntheticModel.builder(Architecture.LLAMA).build().write(file);
        return file;
    }
}
