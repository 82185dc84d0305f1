package io.github.panllama.bench;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticModelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model of the benchmarks, with random weights, in a file that goes when it is closed. */
final class BenchmarkModel implements AutoCloseable {
    private final Path folder;
    private final Path file;

    private BenchmarkModel(Path folder, Path file) {
        this.folder = folder;
        this.file = file;
    }

    /** 1.25 million parameters, so few that a caller's overhead is visible. */
    static BenchmarkModel write(GgmlType weightType) {
        return write(SyntheticModel.benchmark().contextLength(16 * 1024).weightType(weightType), weightType + ".gguf");
    }

    /** 113 million parameters, as few as real models have; a vocabulary of their size. */
    static BenchmarkModel writeLarge(GgmlType weightType) {
        SyntheticModelBuilder builder = SyntheticModel.builder(Architecture.LLAMA)
                .name("panllama synthetic benchmark, large")
                .vocabularySize(32_000)
                .embeddingLength(768)
                .layers(14)
                .heads(12)
                .kvHeads(4)
                .feedForwardLength(2048)
                .tiedEmbeddings(true)
                .contextLength(16 * 1024)
                .weightType(weightType);
        return write(builder, "large-" + weightType + ".gguf");
    }

    /** An encoder of 0.5 million parameters, so few that a caller's overhead is visible. */
    static BenchmarkModel writeEncoder(GgmlType weightType) {
        SyntheticModelBuilder builder = SyntheticModel.builder(Architecture.NOMIC_BERT)
                .name("panllama synthetic encoder")
                .embeddingLength(128)
                .heads(4)
                .feedForwardLength(512)
                .weightType(weightType);
        return write(builder, "encoder-" + weightType + ".gguf");
    }

    /** An encoder of 17 million parameters, the shape and the vocabulary's size of small models that are in use. */
    static BenchmarkModel writeLargeEncoder(GgmlType weightType) {
        SyntheticModelBuilder builder = SyntheticModel.builder(Architecture.BERT)
                .name("panllama synthetic encoder, large")
                .vocabularySize(30_000)
                .embeddingLength(384)
                .layers(3)
                .heads(12)
                .feedForwardLength(1536)
                .weightType(weightType);
        return write(builder, "large-encoder-" + weightType + ".gguf");
    }

    private static BenchmarkModel write(SyntheticModelBuilder builder, String name) {
        try {
            Path folder = Files.createTempDirectory("panllama-bench");
            Path file = folder.resolve(name);
            builder.write(file);
            return new BenchmarkModel(folder, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
