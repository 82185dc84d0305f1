package io.github.panllama.mutants;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** A small model with an adapter in it, which a token calls. */
final class SwitchingModelFile {
    private static final String NAME = "graniteswitch.";
    private static final int LAYERS = 2;
    private static final int RANK = 32;
    private static final int SLOTS = 2;

    private final GgufWriter writer = new GgufWriter();

    private SwitchingModelFile() {}

    /** Writes one that tells its calls from other tokens by so much. */
    static Path write(Path file, float gain) throws IOException {
        Path plain = file.resolveSibling("plain-switch.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .contextLength(256)
                .layers(LAYERS)
                .write(plain);
        SwitchingModelFile model = new SwitchingModelFile();
        model.write(GgufFile.read(plain), gain);
        model.writer.write(file);
        return file;
    }

    private void write(GgufFile base, float gain) {
        base.metadata().asMap().forEach((key, value) -> {
            if (!key.equals("general.alignment")) {
                writer.put(key.replaceFirst("^llama\\.", NAME), value);
            }
        });
        writer.put("general.architecture", "graniteswitch");
        writer.put(NAME + "logit_scale", GgufValue.float32(1));
        writer.put(NAME + "adapters.count", SLOTS - 1);
        writer.put(NAME + "adapters.lora_rank", RANK);
        writer.put(NAME + "adapters.token_ids_activate", GgufValue.int32s(5));
        writer.put(NAME + "adapters.token_ids_substitute", GgufValue.int32s(6));
        writer.put(NAME + "adapters.router_gain", GgufValue.float32(gain));
        for (GgufTensor tensor : base.tensors()) {
            if (!tensor.name().matches("blk\\.\\d+\\.attn_[qkv]\\.weight")) {
                long[] shape =
                        tensor.shape().stream().mapToLong(Long::longValue).toArray();
                writer.tensor(tensor.name(), tensor.type(), base.source(tensor), shape);
            }
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            attention(base, "blk." + layer + '.');
        }
    }

    private void attention(GgufFile base, String prefix) {
        GgufTensor queries = base.tensor(prefix + "attn_q.weight").orElseThrow();
        GgufTensor keys = base.tensor(prefix + "attn_k.weight").orElseThrow();
        numbers(prefix + "attn_qkv.weight", queries.rowLength(), queries.rows() + 2 * keys.rows());
        Map<String, GgufTensor> adapted = Map.of(
                "attn_q", queries,
                "attn_k", keys,
                "attn_v", keys,
                "attn_output", base.tensor(prefix + "attn_output.weight").orElseThrow(),
                "ffn_gate", base.tensor(prefix + "ffn_gate.weight").orElseThrow(),
                "ffn_up", base.tensor(prefix + "ffn_up.weight").orElseThrow(),
                "ffn_down", base.tensor(prefix + "ffn_down.weight").orElseThrow());
        adapted.forEach((name, tensor) -> {
            numbers(prefix + name + ".lora_a", tensor.rowLength(), RANK, SLOTS);
            numbers(prefix + name + ".lora_b", RANK, tensor.rows(), SLOTS);
        });
    }

    private void numbers(String name, long... shape) {
        writer.tensor(name, GgmlType.F32, (_, row) -> Arrays.fill(row, 0.01f), shape);
    }
}
