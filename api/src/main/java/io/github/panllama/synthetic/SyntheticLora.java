package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.InvalidGgufException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Adapters with random weights for a llama or qwen2 model, for tests. */
public final class SyntheticLora {
    private static final Pattern ADAPTED =
            Pattern.compile("blk\\.\\d+\\.(attn_(q|k|v|output)|ffn_(gate|up|down))\\.weight");

    private SyntheticLora() {}

    /**
     * Writes an adapter for every attention and feed-forward matrix of a model's layers.
     *
     * @param path the adapter file
     * @param base the model file that it is for
     * @param rank the adapter's inner length, at least 1
     * @param scale how large the adapter's part is beside the model's, at an adapter scale of 1; 0 changes nothing
     * @param seed what the weights depend on
     * @throws IllegalArgumentException if the rank is below 1 or the model has no matrix to adapt
     * @throws IOException if a file cannot be read or written
     */
    public static void write(Path path, Path base, int rank, float scale, long seed) throws IOException {
        if (rank < 1) {
            throw new IllegalArgumentException("rank is " + rank + ", must be at least 1");
        }
        GgufFile model = GgufFile.read(base);
        List<GgufTensor> adapted = model.tensors().stream()
                .filter(tensor -> tensor.shape().size() == 2)
                .filter(tensor -> ADAPTED.matcher(tensor.name()).matches())
                .toList();
        if (adapted.isEmpty()) {
            throw new IllegalArgumentException(base + " has no matrix to adapt");
        }
        String architecture = model.metadata()
                .architecture()
                .orElseThrow(() -> new InvalidGgufException("the file names no architecture", -1, null));
        var writer = new GgufWriter()
                .put("general.architecture", architecture)
                .put("general.type", "adapter")
                .put("general.name", "panllama synthetic adapter")
                .put("adapter.type", "lora")
                .put("adapter.lora.alpha", (float) rank); // llama.cpp multiplies by alpha / rank
        var weights = new RowWeights(writer, seed, GgmlType.F32);
        for (GgufTensor tensor : adapted) {
            long in = tensor.shape().get(0);
            long out = tensor.shape().get(1);
            weights.matrix(tensor.name() + ".lora_a", 1, in, rank).matrix(tensor.name() + ".lora_b", scale, rank, out);
        }
        writer.write(path);
    }
}
