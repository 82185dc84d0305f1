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

/** A small random model that drafts blocks of tokens, with an embedding and an output of its own. */
final class DraftModelFile {
    private static final String NAME = "dflash.";
    private static final int LAYERS = 2;
    private static final int RANK = 32;
    private static final int GROUP = 32;

    private final GgufFile base;
    private final GgufWriter writer = new GgufWriter();
    private final long width;
    private final long vocabulary;

    DraftModelFile(Path folder) throws IOException {
        Path file = folder.resolve("plain-draft.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .contextLength(256)
                .layers(LAYERS)
                .write(file);
        base = GgufFile.read(file);
        GgufTensor embedding = base.tensor("token_embd.weight").orElseThrow();
        width = embedding.rowLength();
        vocabulary = embedding.rows();
        base.metadata().asMap().forEach((key, value) -> {
            if (!key.equals("general.alignment")) {
                writer.put(key.replaceFirst("^llama\\.", NAME), value);
            }
        });
        writer.put("general.architecture", "dflash");
        writer.put(NAME + "target_layers", GgufValue.int32s(0));
        for (GgufTensor tensor : base.tensors()) {
            writer.tensor(tensor.name(), tensor.type(), base.source(tensor), shape(tensor));
        }
        long head = width / base.metadata().intValue("llama.attention.head_count", 1);
        for (int layer = 0; layer < LAYERS; layer++) {
            ones("blk." + layer + ".attn_q_norm.weight", head);
            ones("blk." + layer + ".attn_k_norm.weight", head);
        }
        ones("fc.weight", width, width);
        ones("enc.output_norm.weight", width);
    }

    private static long[] shape(GgufTensor tensor) {
        return tensor.shape().stream().mapToLong(Long::longValue).toArray();
    }

    private void ones(String name, long... shape) {
        writer.tensor(name, GgmlType.F32, (_, row) -> Arrays.fill(row, 1), shape);
    }

    DraftModelFile key(String key, long value) {
        writer.put(NAME + key, GgufValue.uint32(value));
        return this;
    }

    /** A bias of each token by the one before it. */
    DraftModelFile pairs() {
        ones("markov_w1.weight", RANK, vocabulary);
        ones("markov_w2.weight", RANK, vocabulary);
        return this;
    }

    /** A kernel over the tokens of a block, and a choice among the likeliest. */
    DraftModelFile choice(int kernel, int likeliest) {
        for (int layer = 0; layer < LAYERS; layer++) {
            for (String part : new String[] {"attn", "ffn"}) {
                String prefix = "blk." + layer + '.' + part + "_conv_";
                ones(prefix + "base", width, kernel, 2);
                ones(prefix + "proj.weight", width, 2L * kernel * (width / GROUP));
            }
        }
        ones("selector_predecessor.weight", RANK, vocabulary);
        ones("selector_successor.weight", RANK, vocabulary);
        ones("selector_hidden.weight", width, RANK);
        return key("conv_kernel_size", kernel)
                .key("conv_group_size", GROUP)
                .key("selector_rank", RANK)
                .key("selector_top_k", likeliest);
    }

    Path write(Path file) throws IOException {
        writer.write(file);
        return file;
    }
}
