package io.github.panllama.engine;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A random model whose last layer predicts one token further. All layers add little to the embedding of the last token, and
 * the predicting layer starts from that too, so that it is often right and sometimes wrong.
 */
public final class PredictingModel {
    private static final float LITTLE = 0.06f;
    private static final int LAYERS = 3;

    private PredictingModel() {}

    /** Writes it; where {@code complete} is false, without what its metadata promises. */
    public static void write(Path file, boolean complete) throws IOException {
        Path plain = file.resolveSibling("plain.gguf");
        SyntheticModel.builder(Architecture.DEEPSEEK2)
                .layers(LAYERS)
                .tiedEmbeddings(false)
                .weightType(GgmlType.F32)
                .write(plain);
        GgufFile source = GgufFile.read(plain);
        GgufWriter writer = new GgufWriter().putAll(source).put("deepseek2.nextn_predict_layers", 1);
        for (GgufTensor tensor : source.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            if (tensor.name().contains("attn_output") || tensor.name().contains("ffn_down")) {
                float[] values = source.floats(tensor);
                writer.tensor(tensor.name(), GgmlType.F32, (i, row) -> copy(values, i, row), shape);
            } else {
                writer.tensor(tensor.name(), tensor.type(), source.source(tensor), shape);
            }
        }
        if (complete) {
            long width = source.tensor("output_norm.weight").orElseThrow().rowLength();
            String prefix = "blk." + (LAYERS - 1) + ".nextn.";
            // The first half of its input is the next token's embedding.
            writer.tensor(prefix + "eh_proj.weight", GgmlType.F32, (i, row) -> unit(i, row), 2 * width, width);
            writer.tensor(prefix + "enorm.weight", GgmlType.F32, (_, row) -> fill(row), width);
            writer.tensor(prefix + "hnorm.weight", GgmlType.F32, (_, row) -> fill(row), width);
        }
        writer.write(file);
    }

    private static void copy(float[] values, long index, float[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = LITTLE * values[(int) index * row.length + i];
        }
    }

    private static void unit(long index, float[] row) {
        Arrays.fill(row, 0);
        row[(int) index] = 1;
    }

    private static void fill(float[] row) {
        Arrays.fill(row, 1);
    }
}
