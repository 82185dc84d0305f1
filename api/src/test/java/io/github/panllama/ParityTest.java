package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.synthetic.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same numbers as a C program that uses llama.h directly. */
class ParityTest {
    private static final int CONTEXT = 2048;

    private static Reference reference;

    @BeforeAll
    static void compile() throws Exception {
        Llama.initialize();
        reference = Reference.compile();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void oneSequenceGeneratesTheIdsOfC(Architecture architecture) throws Exception {
        check(architecture, Plan.single());
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void eightInterleavedSequencesGenerateTheIdsOfC(Architecture architecture) throws Exception {
        check(architecture, Plan.interleaved(8));
    }

    private static void check(Architecture architecture, Plan plan) throws Exception {
        List<int[]> expected = reference.generate(TestModels.file(architecture), plan, CONTEXT);
        List<int[]> actual = run(architecture, plan, (sequence, index) -> index);
        assertThat(expected).hasSameSizeAs(plan.sequences());
        assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
        assertThat(expected)
                .allSatisfy(ids -> assertThat(ids)
                        .as("a model that repeats itself would hide differences")
                        .satisfies(tokens -> assertThat(distinct(tokens)).isGreaterThan(5)));
    }

    /** Moves every token of one sequence of eight from the third on back by one: the place of two is then the same. */
    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "QWEN2", "DEEPSEEK2", "QWEN3MOE"})
    void aWrongPositionChangesTheIds(Architecture architecture) throws Exception {
        Plan plan = Plan.interleaved(8);
        List<int[]> expected = reference.generate(TestModels.file(architecture), plan, CONTEXT);
        List<int[]> actual =
                run(architecture, plan, (sequence, index) -> sequence == 5 && index >= 2 ? index - 1 : index);
        assertThat(actual.get(5)).isNotEqualTo(expected.get(5));
        assertThat(actual.get(4)).isEqualTo(expected.get(4));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void aWrongTokenOfThePromptChangesTheIds(Architecture architecture) throws Exception {
        Plan plan = Plan.single();
        int[] expected =
                reference.generate(TestModels.file(architecture), plan, CONTEXT).getFirst();
        int[] prompt = plan.sequences().getFirst().prompt().clone();
        prompt[prompt.length - 2] ^= 1;
        Plan wrong = new Plan(List.of(new Plan.Sequence(0, expected.length, prompt)));
        assertThat(run(architecture, wrong, (sequence, index) -> index).getFirst())
                .isNotEqualTo(expected);
    }

    @Test
    void embeddingsAreThoseOfC() throws Exception {
        Plan plan = Plan.interleaved(8).startingTogether();
        List<float[]> expected = reference.embed(
                TestModels.file(Architecture.NOMIC_BERT), plan, CONTEXT, PoolingType.UNSPECIFIED, FlashAttention.AUTO);
        assertThat(embed(plan)).usingRecursiveComparison().isEqualTo(expected);
        assertThat(expected.get(0)).isNotEqualTo(expected.get(1));
    }

    private static List<int[]> run(Architecture architecture, Plan plan, Plan.Positions positions) {
        try (LlamaModel model = TestModels.load(architecture);
                LlamaContext context = model.newContext(options(plan).build())) {
            return plan.run(context, positions);
        }
    }

    private static List<float[]> embed(Plan plan) {
        try (LlamaModel model = TestModels.load(Architecture.NOMIC_BERT);
                LlamaContext context =
                        model.newContext(options(plan).embeddings(true).build());
                Batch batch = context.newBatch()) {
            for (int i = 0; i < plan.sequences().size(); i++) {
                int[] prompt = plan.sequences().get(i).prompt();
                batch.addAll(prompt, 0, prompt.length, 0, i, true);
            }
            context.decode(batch);
            return IntStream.range(0, plan.sequences().size())
                    .mapToObj(i -> context.sequenceEmbedding(i).toArray())
                    .toList();
        }
    }

    /** What reference.c sets. */
    private static ContextOptions.Builder options(Plan plan) {
        return TestModels.context(CONTEXT)
                .batchSize(512)
                .microBatchSize(512)
                .maxSequences(plan.sequences().size());
    }

    private static long distinct(int[] tokens) {
        return Arrays.stream(tokens).distinct().count();
    }
}
