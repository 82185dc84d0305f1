package io.github.panllama.embedding;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Small random models, on the CPU. */
final class Models {
    private Models() {}

    static LlamaModel load(Path file) {
        return LlamaModel.load(file, ModelOptions.builder().gpuLayers(0).build());
    }

    static Path write(Path folder, Architecture architecture) throws IOException {
        Path file = folder.resolve(architecture.ggufName() + ".gguf");
        SyntheticModel.builder(architecture).write(file);
        return file;
    }

    /** A BERT with a classification head. */
    static Path classifier(Path folder, String... labels) throws IOException {
        Path file = folder.resolve("classifier-%d.gguf".formatted(labels.length));
        SyntheticModel.builder(Architecture.BERT).classifier(List.of(labels)).write(file);
        return file;
    }

    /** Another file with some metadata replaced. */
    static Path edit(Path file, String name, Map<String, GgufValue> changes) throws IOException {
        GgufEditor editor = GgufEditor.of(GgufFile.read(file));
        changes.forEach(editor::set);
        Path target = file.resolveSibling(name);
        editor.write(target);
        return target;
    }

    /**
     * The model with a vocabulary like BERT's own: whole words and pieces of them, [CLS] before a text and [SEP] after
     * it, no end-of-text token.
     */
    static Path withWordPieces(Path file, String name) throws IOException {
        List<String> tokens = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (char letter = 'a'; letter <= 'z'; letter++) {
            tokens.add("\u2581" + letter);
            tokens.add(String.valueOf(letter));
        }
        while (tokens.size() < 512) {
            tokens.add("\u2581word" + tokens.size());
        }
        int[] types = new int[512];
        Arrays.fill(types, 1);
        Arrays.fill(types, 0, 5, 3);
        return edit(
                file,
                name,
                Map.of(
                        "tokenizer.ggml.model", GgufValue.text("bert"),
                        "tokenizer.ggml.tokens", GgufValue.texts(tokens),
                        "tokenizer.ggml.token_type", GgufValue.int32s(types),
                        "tokenizer.ggml.bos_token_id", GgufValue.uint32(2),
                        "tokenizer.ggml.eos_token_id", GgufValue.uint32(3),
                        "tokenizer.ggml.seperator_token_id", GgufValue.uint32(3),
                        "tokenizer.ggml.unknown_token_id", GgufValue.uint32(1),
                        "tokenizer.ggml.padding_token_id", GgufValue.uint32(0),
                        "tokenizer.ggml.add_eos_token", GgufValue.bool(false),
                        "tokenizer.ggml.add_sep_token", GgufValue.bool(true)));
    }
}
