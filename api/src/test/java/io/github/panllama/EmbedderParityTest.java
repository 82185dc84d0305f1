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

/**
 * Embeddings are those of a C program that uses llama.h directly, bit by bit: of a batch those of the same batch, of a
 * text alone those of it alone.
 */
class EmbedderParityTest {
    private static final int CONTEXT = 512;

    /** Between a batch and a text alone, in C: its KV cache, and the table of its GELU, have 16 bits. */
    private static final float ROUNDING = 2e-4f;

    /** The same where there is neither. */
    private static final float TOLERANCE = 1e-5f;

    /** Texts that are computed alone: each starts the C program anew. */
    private static final int ALONE = 2;

    private static Reference reference;

    @BeforeAll
    static void compile() throws Exception {
        Llama.initialize();
        reference = Reference.compile();
    }

    private static EmbedderOptions options(PoolingType pooling, FlashAttention flash) {
        return EmbedderOptions.builder()
                .pooling(pooling)
                .normalization(Normalization.NONE)
                .maxTokens(CONTEXT)
                .context(context -> context.threads(1).offloadOperations(false).flashAttention(flash))
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
        sameBits(file, PoolingType.MEAN, FlashAttention.AUTO);
        for (PoolingType pooling : List.of(PoolingType.MEAN, PoolingType.CLS, PoolingType.LAST)) {
            List<List<float[]>> both = sameBits(file, pooling, FlashAttention.DISABLED);
            assertAlike(both.get(0), both.get(1), file.endsWith("nomic-bert.gguf") ? TOLERANCE : ROUNDING);
        }
    }

    /** Checks the embeddings of a batch, and of each text alone, against those of C, and answers them. */
    private static List<List<float[]>> sameBits(Path file, PoolingType pooling, FlashAttention flash) throws Exception {
        Plan plan = Plan.interleaved(16).startingTogether();
        List<int[]> prompts =
                plan.sequences().stream().map(Plan.Sequence::prompt).toList();
        List<float[]> alone = new ArrayList<>();
        for (Plan.Sequence sequence : plan.sequences().subList(0, ALONE)) {
            Plan one = new Plan(List.of(sequence));
            alone.add(reference.embed(file, one, CONTEXT, pooling, flash).getFirst());
        }
        List<float[]> batch = reference.embed(file, plan, CONTEXT, pooling, flash);
        try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build());
                Embedder embedder = Embedder.of(model, options(pooling, flash))) {
            assertThat(embedder.embedTokens(prompts, fraction -> true))
                    .as("in a batch")
                    .usingRecursiveComparison()
                    .isEqualTo(batch);
            assertThat(prompts.stream().limit(ALONE).map(embedder::embed).toList())
                    .as("alone")
                    .usingRecursiveComparison()
                    .isEqualTo(alone);
        }
        assertThat(batch.get(0)).isNotEqualTo(batch.get(1));
        return List.of(normalized(batch.subList(0, ALONE)), normalized(alone));
    }

    private static List<float[]> normalized(List<float[]> vectors) {
        return vectors.stream().map(Normalization.EUCLIDEAN::apply).toList();
    }

    private static void assertAlike(List<float[]> actual, List<float[]> expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).containsExactly(expected.get(i), within(tolerance));
        }
    }
}
