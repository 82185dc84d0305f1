package io.github.panllama.gpu;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;

/** A model with small weights, and a cache of 64 Ki numbers for each token: contexts of it take all of a card. */
final class WideModel {
    private WideModel() {}

    static Path write(Path folder, int contextLength) throws IOException {
        Path file = folder.resolve("wide.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .layers(32)
                .heads(8)
                .kvHeads(8)
                .headLength(128)
                .contextLength(contextLength)
                .write(file);
        return file;
    }
}
