package com.example.quickstart;

import io.github.panllama.*;
import io.github.panllama.synthetic.*;
import java.io.IOException;
import java.nio.file.Path;

/** The Java of docs/models.md about presets. {@code ci/DocsCheck.java} compares the two. */
final class PresetSnippets {
    private PresetSnippets() {}

    static void write(Path file) throws IOException {
        PresetModel model = SyntheticPreset.DEEPSEEK_V2_LITE
                .model(QuantizationType.Q4_K_M)
                .withLayers(4)
                .withProgress(fraction -> !Thread.interrupted());
        model.write(file);
    }
}
