package io.github.panllama.evaluation;

import io.github.panllama.ContextOptions;
import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticModelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the tests of this package measure: small models, and texts that are the same every time. */
final class Texts {
    private static final List<String> WORDS = List.of(
            "the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "12", "7", "93", "people",
            "read", "Wörter", "and", "numbers", "nobody", "has", "written", "before");

    /** One thread, no GPU. */
    static final Consumer<ContextOptions.Builder> CPU =
            context -> context.threads(1).offloadOperations(false);

    private Texts() {}

    static String words(int count, long seed) {
        Random random = new Random(seed);
        return Stream.generate(() -> WORDS.get(random.nextInt(WORDS.size())))
                .limit(count)
                .collect(Collectors.joining(" "));
    }

    /** The model of a seed; of another weight type, the same numbers more coarsely. */
    static Path model(Path folder, Architecture architecture, GgmlType type) throws IOException {
        Path file = folder.resolve(architecture.ggufName() + "-" + type + ".gguf");
        SyntheticModelBuilder builder =
                SyntheticModel.builder(architecture).weightType(type).seed(5);
        builder.write(file);
        return file;
    }

    static LlamaModel load(Path file) {
        return LlamaModel.load(file, ModelOptions.builder().gpuLayers(0).build());
    }

    /** What the model itself goes on to say, by a choice that follows its own probabilities. */
    static int[] generate(LlamaModel model, int count) {
        ContextOptions.Builder options = ContextOptions.builder().contextSize(512);
        CPU.accept(options);
        try (TextGenerator generator = TextGenerator.of(model, options.build())) {
            return generator
                    .generate(GenerationRequest.builder(new int[] {1})
                            .maxTokens(count)
                            .sampling(SamplingOptions.builder()
                                    .seed(3)
                                    .bias(model.tokenizer().endOfText().orElseThrow(), Float.NEGATIVE_INFINITY)
                                    .build())
                            .build())
                    .tokens()
                    .stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
    }
}
