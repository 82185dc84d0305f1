package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Embeddings and scores of the card are those of the CPU. */
@OnCard
class GpuEmbeddingsTest {
    private static final List<String> TEXTS = IntStream.range(0, 20)
            .mapToObj(i -> "a text about thing %d ".formatted(i).repeat(1 + i % 7))
            .toList();

    @TempDir
    Path folder;

    private static List<float[]> embed(LlamaModel model) {
        try (Embedder embedder = Embedder.of(model)) {
            return embedder.embed(TEXTS);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Architecture.class,
            names = {"NOMIC_BERT", "BERT", "QWEN2"})
    void textsHaveTheSameEmbeddings(Architecture architecture) throws IOException {
        Path file = folder.resolve(architecture.ggufName() + ".gguf");
        SyntheticModel.builder(architecture).write(file);
        try (LlamaModel onCard = Card.load(file);
                LlamaModel onCpu = Card.loadOnCpu(file)) {
            List<float[]> expected = embed(onCpu);
            List<float[]> found = embed(onCard);
            for (int i = 0; i < TEXTS.size(); i++) {
                assertThat(Embedder.cosine(found.get(i), expected.get(i)))
                        .as(TEXTS.get(i))
                        .isGreaterThan(0.9995f);
            }
            assertThat(Embedder.cosine(found.getFirst(), expected.getLast())).isLessThan(0.9995f);
        }
    }

    @Test
    void documentsHaveTheSameScores() throws IOException {
        Path file = folder.resolve("reranker.gguf");
        SyntheticModel.builder(Architecture.BERT)
                .classifier(List.of("relevant"))
                .write(file);
        try (LlamaModel onCard = Card.load(file);
                LlamaModel onCpu = Card.loadOnCpu(file);
                Reranker cardReranker = Reranker.of(onCard);
                Reranker cpuReranker = Reranker.of(onCpu)) {
            for (String text : TEXTS) {
                assertThat(cardReranker.score("thing 3", text))
                        .isCloseTo(cpuReranker.score("thing 3", text), Offset.offset(0.01f));
            }
        }
    }
}
