package io.github.panllama.bench;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model of 30 million parameters whose layers compute as any other's and add nothing: each token follows from the one
 * before it alone, so that greedy text soon goes round in a circle.
 */
final class CircularModel {
    private CircularModel() {}

    static void write(Path file) throws IOException {
        Path random = Files.createTempFile("panllama-bench", ".gguf");
        try {
            SyntheticModel.builder(Architecture.LLAMA)
                    .embeddingLength(768)
                    .layers(5)
                    .heads(12)
                    .kvHeads(4)
                    .headLength(64)
                    .ropeLength(64)
                    .valueLength(64)
                    .feedForwardLength(2048)
                    .tiedEmbeddings(false)
                    .contextLength(4096)
                    .weightType(GgmlType.Q8_0)
                    .write(random);
            GgufFile source = GgufFile.read(random);
            GgufWriter writer = new GgufWriter().putAll(source);
            for (GgufTensor tensor : source.tensors()) {
                boolean adds =
                        tensor.name().contains("attn_output") || tensor.name().contains("ffn_down");
                writer.tensor(
                        tensor.name(),
                        tensor.type(),
                        adds ? TensorSource.of(new byte[(int) tensor.byteSize()]) : source.source(tensor),
                        tensor.shape().stream().mapToLong(Long::longValue).toArray());
            }
            writer.write(file);
        } finally {
            Files.delete(random);
        }
    }
}
