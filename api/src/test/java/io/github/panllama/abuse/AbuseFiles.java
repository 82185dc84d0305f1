package io.github.panllama.abuse;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gpu.NvmlStandIn;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticLora;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The files that the cases begin with: a small model of each kind, and adapters. */
final class AbuseFiles {
    static final String LORA = "lora.gguf";
    static final String OTHER_LORA = "lora-qwen2.gguf";
    static final String RERANKER = "reranker.gguf";
    static final String GAPS = "gaps.gguf";
    static final String NVML = "nvml.so";

    private AbuseFiles() {}

    static void write(Path folder) throws IOException, InterruptedException {
        Files.move(NvmlStandIn.library(folder, List.of()), folder.resolve(NVML));
        for (Architecture architecture : Architecture.values()) {
            SyntheticModel.builder(architecture).contextLength(512).build().write(model(folder, architecture));
        }
        SyntheticLora.write(folder.resolve(LORA), model(folder, Architecture.LLAMA), 4, 1, 1);
        SyntheticLora.write(folder.resolve(OTHER_LORA), model(folder, Architecture.QWEN2), 4, 1, 1);
        SyntheticModel.builder(Architecture.BERT)
                .classifier(List.of("yes", "no"))
                .write(folder.resolve(RERANKER));
        change(
                model(folder, Architecture.LLAMA),
                folder.resolve(GAPS),
                Map.of(
                        "tokenizer.ggml.fim_pre_token_id", GgufValue.uint32(507),
                        "tokenizer.ggml.fim_suf_token_id", GgufValue.uint32(508),
                        "tokenizer.ggml.fim_mid_token_id", GgufValue.uint32(509)));
    }

    static Path model(Path folder, Architecture architecture) {
        return folder.resolve(architecture + ".gguf");
    }

    /** Copies a file with some metadata changed; a key with {@code null} is left out. */
    static Path change(Path from, Path to, Map<String, @Nullable GgufValue> changes) throws IOException {
        return change(from, to, changes, tensor -> true);
    }

    /** Copies a file with some metadata changed, and only some of its tensors. */
    static Path change(Path from, Path to, Map<String, @Nullable GgufValue> changes, Predicate<GgufTensor> keep)
            throws IOException {
        GgufFile file = GgufFile.read(from);
        GgufWriter writer = new GgufWriter();
        Map<String, @Nullable GgufValue> metadata =
                new LinkedHashMap<>(file.metadata().asMap());
        metadata.putAll(changes);
        metadata.forEach((key, value) -> {
            if (value != null && !key.equals("general.alignment")) {
                writer.put(key, value);
            }
        });
        for (GgufTensor tensor : file.tensors()) {
            if (keep.test(tensor)) {
                long[] shape =
                        tensor.shape().stream().mapToLong(Long::longValue).toArray();
                writer.tensor(tensor.name(), tensor.type(), file.source(tensor), shape);
            }
        }
        writer.write(to);
        return to;
    }
}
