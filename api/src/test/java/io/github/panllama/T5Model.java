package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A small random T5, whose encoder and decoder are apart; or its encoder alone. */
public final class T5Model {
    private static final int WIDTH = 64;
    private static final int HEADS = 2;
    private static final int INNER = 128;
    private static final int LAYERS = 2;
    private static final int BUCKETS = 32;

    private final GgufWriter writer = new GgufWriter();
    private final Random random = new Random(11);

    private T5Model() {}

    /** Writes the model, with the vocabulary of the other models here. */
    public static Path write(Path file, boolean decoder) throws IOException {
        Path llama = file.resolveSibling(file.getFileName() + ".vocabulary");
        SyntheticModel.builder(Architecture.LLAMA).write(llama);
        T5Model model = new T5Model();
        model.writer.putAll(GgufFile.read(llama).metadata());
        model.metadata(decoder ? "t5" : "t5encoder");
        model.tensor("token_embd.weight", 1, WIDTH, 512);
        model.part("enc", false);
        if (decoder) {
            model.part("dec", true);
        }
        model.writer.write(file);
        Files.delete(llama);
        return file;
    }

    private void metadata(String architecture) {
        writer.put("general.architecture", architecture)
                .put(architecture + ".context_length", 512)
                .put(architecture + ".embedding_length", WIDTH)
                .put(architecture + ".feed_forward_length", INNER)
                .put(architecture + ".block_count", LAYERS)
                .put(architecture + ".attention.head_count", HEADS)
                .put(architecture + ".attention.key_length", WIDTH / HEADS)
                .put(architecture + ".attention.value_length", WIDTH / HEADS)
                .put(architecture + ".attention.layer_norm_rms_epsilon", 1e-6f)
                .put(architecture + ".attention.relative_buckets_count", BUCKETS)
                .put(architecture + ".decoder_start_token_id", 0)
                .put("tokenizer.ggml.add_bos_token", false)
                .put("tokenizer.ggml.add_eos_token", true);
    }

    private void part(String part, boolean cross) {
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "%s.blk.%d.".formatted(part, layer);
            attention(prefix + "attn_");
            tensor(prefix + "attn_rel_b.weight", 1, HEADS, BUCKETS);
            if (cross) {
                attention(prefix + "cross_attn_");
            }
            tensor(prefix + "ffn_norm.weight", 1, WIDTH);
            tensor(prefix + "ffn_gate.weight", 0.2f, WIDTH, INNER);
            tensor(prefix + "ffn_up.weight", 0.2f, WIDTH, INNER);
            tensor(prefix + "ffn_down.weight", 0.2f, INNER, WIDTH);
        }
        tensor(part + ".output_norm.weight", 1, WIDTH);
    }

    private void attention(String prefix) {
        tensor(prefix + "norm.weight", 1, WIDTH);
        for (String name : new String[] {"q", "k", "v", "o"}) {
            tensor(prefix + name + ".weight", 0.2f, WIDTH, WIDTH);
        }
    }

    private void tensor(String name, float size, long... shape) {
        long seed = random.nextLong();
        writer.tensor(
                name,
                GgmlType.F32,
                (index, row) -> {
                    Random numbers = new Random(seed + index);
                    for (int i = 0; i < row.length; i++) {
                        row[i] = size * (float) numbers.nextGaussian();
                    }
                },
                shape);
    }
}
