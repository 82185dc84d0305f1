package io.github.panllama.mutants;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.ModelTrust;
import io.github.panllama.chat.ChatTemplate;
import java.nio.file.Path;

/** The main class of a JVM that loads a file without a check, and uses it. Argument: the file. */
final class TrustedLoad {
    static final String SURVIVED = "@@SURVIVED";

    private TrustedLoad() {}

    public static void main(String[] args) {
        ModelOptions options =
                ModelOptions.builder().gpuLayers(0).trust(ModelTrust.TRUSTED).build();
        try (LlamaModel model = LlamaModel.load(Path.of(args[0]), options)) {
            MutantRunner.use(model);
            ChatTemplate.of(model);
        } catch (RuntimeException e) {
            System.out.println(e);
        }
        System.out.println(SURVIVED);
    }
}
