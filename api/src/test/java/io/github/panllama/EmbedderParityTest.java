package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.embedding.Normalization;
import io.github.panllama.synthetic.Architecture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Embeddings are those of a C program that uses llama.h directly, computed in a batch or alone. */
class EmbedderParityTest {
    private static final int CONTEXT = 512;
    private static final float TOLERANCE = 1e-5f;

    private static Reference reference;

    @BeforeAll
    static void compile() throws Exception {
        Llama.initialize();
        reference = Reference.compile();
    }

    private static EmbedderOptions options(PoolingType pooling) {
        return EmbedderOptions.builder()
                .pooling(pooling)
                .normalization(Normalization.NONE)
                .maxTokens(CONTEXT)
                .context(context -> context.threads(1).offloadOperations(false))
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void ofEachArchitecture(Architecture architecture) throws Exception {
        check(TestModels.file(architecture));
    }

    @Test
    void ofTheEncoderOfT5() throws Exception {
        check(T5Model.write(TestModels.path("t5.gguf"), true));
        check(T5Model.write(TestModels.path("t5encoder.gguf"), false));
    }

    private static void check(Path file) throws Exception {
        Plan plan = Plan.interleaved(12).startingTogether();
        List<int[]> prompts =
                plan.sequences().stream().map(Plan.Sequence::prompt).toList();
        for (PoolingType pooling : List.of(PoolingType.MEAN, PoolingType.CLS, PoolingType.LAST)) {
            List<float[]> batch = normalized(reference.embed(file, plan, CONTEXT, pooling));
            List<float[]> alone = new ArrayList<>();
            for (Plan.Sequence sequence : plan.sequences()) {
                Plan one = new Plan(List.of(sequence));
                alone.add(reference.embed(file, one, CONTEXT, pooling).getFirst());
            }
            try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build());
                    Embedder embedder = Embedder.of(model, options(pooling))) {
                List<float[]> inBatch = normalized(embedder.embedTokens(prompts, fraction -> true));
                List<float[]> each = prompts.stream().map(embedder::embed).toList();
                assertThat(each).as("alone, bit by bit").usingRecursiveComparison().isEqualTo(alone);
                assertAlike(inBatch, batch);
                assertAlike(normalized(each), batch);
                assertAlike(inBatch, normalized(alone));
                assertThat(batch.get(0)).isNotEqualTo(batch.get(1));
            }
        }
    }

    private static List<float[]> normalized(List<float[]> vectors) {
        return vectors.stream().map(Normalization.EUCLIDEAN::apply).toList();
    }

    private static void assertAlike(List<float[]> actual, List<float[]> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).containsExactly(expected.get(i), within(TOLERANCE));
        }
    }
}
