package com.example.quickstart;

import io.github.panllama.*;
import io.github.panllama.gguf.*;
import java.io.IOException;
import java.nio.file.Path;

/** The Java snippets of docs/trust.md: see {@link Snippets}. */
final class TrustSnippets {
    private TrustSnippets() {}

    static void load(Path file) {
        try (LlamaModel model = LlamaModel.load(file)) {
            System.out.println(model.description());
        } catch (ModelLoadException e) {
            if (e.getCause() instanceof InvalidGgufException invalid) {
                System.out.println(invalid.key() + " at byte " + invalid.byteOffset() + ": " + invalid.getMessage());
            }
        }
    }

    static ModelOptions trust() {
        ModelOptions options = ModelOptions.builder()
                .trust(ModelTrust.sha256("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))
                .build();
        return options;
    }

    static void check(Path file) throws IOException {
        for (GgufValidator.Finding finding : GgufValidator.check(file)) {
            System.out.println(finding.rules() + ": " + (finding.passed() ? "passed" : finding.failure()));
        }
    }
}
