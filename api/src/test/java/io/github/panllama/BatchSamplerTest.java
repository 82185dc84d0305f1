package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchSamplerTest {
    private static final int ROWS = 32;
    private static final int STEPS = 12;
    /** Large enough that the rows are worth sharing between threads. */
    private static final int VOCABULARY = 2048;

    private static LlamaModel model;

    @BeforeAll
    static void load() throws IOException {
        Path file = TestModels.path("vocabulary-2048.gguf");
        SyntheticModel.builder(Architecture.LLAMA).vocabularySize(VOCABULARY).write(file);
        model = LlamaModel.load(file, TestModels.cpu().build());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Row {@code i}'s chain: greedy, grammars, penalties, random choices in turn. */
    private static List<SamplerStage> stages(int i) {
        SamplerStage choice = new SamplerStage.Distribution(100 + i);
        return switch (i % 6) {
            case 0 -> List.of(new SamplerStage.Greedy());
            case 1 -> List.of(new SamplerStage.TopK(40), new SamplerStage.TopP(0.9f), choice);
            case 2 -> List.of(new SamplerStage.Grammar("root ::= [a-z ]+"), choice);
            case 3 ->
                List.of(new SamplerStage.Penalties(64, 1.2f, 0.1f, 0.1f), new SamplerStage.Temperature(0.8f), choice);
            case 4 -> List.of(new SamplerStage.LogitBias(Map.of(i, 3f)), new SamplerStage.MinP(0.02f), choice);
            default -> List.of(new SamplerStage.MirostatV2(i, 4, 0.1f));
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void thirtyTwoRowsGetWhatSingleSamplingGives(int threads) {
        Sampler[] together = samplers(i -> stages(i));
        Sampler[] alone = samplers(i -> stages(i));
        int[] tokens = new int[ROWS];
        try (LlamaContext context = context();
                Batch batch = context.newBatch();
                BatchSampler sampler = BatchSampler.create(ROWS, threads)) {
            for (int step = 0; step < STEPS; step++) {
                decode(context, batch, step);
                int failed = sampler.sample(context, ROWS, rows(), together, tokens);
                assertThat(failed).isZero();
                for (int i = 0; i < ROWS; i++) {
                    assertThat(tokens[i]).as("row %d, step %d", i, step).isEqualTo(alone[i].sample(context, i));
                }
            }
        }
        closeAll(together, alone);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aRowThatFailsDoesNotTouchTheOthers(int threads) {
        // Rows 5 and 20 allow a single token, then only the end, which they forbid.
        int end = model.tokenizer().endOfText().orElseThrow();
        Sampler[] together = samplers(i -> i == 5 || i == 20
                ? List.of(
                        new SamplerStage.LogitBias(Map.of(end, Float.NEGATIVE_INFINITY)),
                        new SamplerStage.Grammar("root ::= \"a\""),
                        new SamplerStage.Greedy())
                : stages(i));
        Sampler[] alone = samplers(i -> stages(i));
        int[] tokens = new int[ROWS];
        int failures = 0;
        try (LlamaContext context = context();
                Batch batch = context.newBatch();
                BatchSampler sampler = BatchSampler.create(ROWS, threads)) {
            for (int step = 0; step < STEPS; step++) {
                decode(context, batch, step);
                int failed = sampler.sample(context, ROWS, rows(), together, tokens);
                assertThat(failed).isEqualTo((int) Arrays.stream(tokens)
                        .filter(token -> token == BatchSampler.NO_TOKEN)
                        .count());
                for (int i = 0; i < ROWS; i++) {
                    if (i == 5 || i == 20) {
                        if (tokens[i] == BatchSampler.NO_TOKEN) {
                            failures++;
                            assertThat(sampler.error(i)).contains("no token is allowed");
                        }
                    } else {
                        assertThat(tokens[i]).isEqualTo(alone[i].sample(context, i));
                    }
                }
            }
        }
        assertThat(failures).isEqualTo(2 * (STEPS - 1));
        closeAll(together, alone);
    }

    @Test
    void rowsWithoutOutputAndSamplersNamedTwiceAreRefused() {
        Sampler[] samplers = samplers(i -> List.of(new SamplerStage.Greedy()));
        int[] tokens = new int[ROWS];
        try (LlamaContext context = context();
                Batch batch = context.newBatch();
                BatchSampler sampler = BatchSampler.create(4, 1)) {
            batch.add(1, 0, 0, false);
            batch.add(2, 1, 0, true);
            context.decode(batch);
            int[] withoutOutput = {0};
            assertThatThrownBy(() -> sampler.sample(context, 1, withoutOutput, samplers, tokens))
                    .isInstanceOf(IllegalArgumentException.class);
            Sampler[] twice = {samplers[0], samplers[0]};
            assertThatThrownBy(() -> sampler.sample(context, 2, new int[] {1, 1}, twice, tokens))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> sampler.sample(context, 5, new int[5], samplers, tokens))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[1, 4]");
            // After every refusal all are free again.
            assertThat(sampler.sample(context, 2, new int[] {1, 1}, samplers, tokens))
                    .isZero();
            assertThat(tokens[0])
                    .isEqualTo(tokens[1])
                    .isEqualTo(context.logits(1).argmax());
        }
        closeAll(samplers);
    }

    /** Would otherwise stay marked as in use for ever. */
    @Test
    void aSamplerThatMetABusyContextServesAgain() {
        Sampler[] samplers = samplers(i -> List.of(new SamplerStage.Greedy()));
        int[] tokens = new int[ROWS];
        try (LlamaContext context = context();
                Batch batch = context.newBatch();
                BatchSampler sampler = BatchSampler.create(4, 1)) {
            batch.add(2, 0, 0, true);
            context.decode(batch);
            context.owner().enter();
            assertThatThrownBy(() -> sampler.sample(context, 1, new int[1], samplers, tokens))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The context");
            context.owner().exit();
            assertThat(sampler.sample(context, 1, new int[1], samplers, tokens)).isZero();
        }
        closeAll(samplers);
    }

    /** A chain is made for one vocabulary: its arrays are as long, and its grammar knows those tokens. */
    @Test
    void aSamplerOfAnotherVocabularyIsRefused() {
        try (LlamaModel other = TestModels.llama();
                LlamaContext context = context();
                Batch batch = context.newBatch();
                Sampler sampler = Sampler.greedy(other);
                BatchSampler many = BatchSampler.create(1, 1)) {
            batch.add(2, 0, 0, true);
            context.decode(batch);
            assertThatThrownBy(() -> sampler.sample(context, 0)).isInstanceOf(IllegalArgumentException.class);
            Sampler[] samplers = {sampler};
            assertThatThrownBy(() -> many.sample(context, 1, new int[1], samplers, new int[1]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static LlamaContext context() {
        return model.newContext(TestModels.context(ROWS * 64).maxSequences(ROWS).build());
    }

    /** A token for each sequence: row {@code i} is sequence {@code i}'s. */
    private static void decode(LlamaContext context, Batch batch, int step) {
        batch.clear();
        int[] tokens = TestModels.prompt(ROWS, step);
        for (int i = 0; i < ROWS; i++) {
            batch.add(tokens[i], step, i, true);
        }
        context.decode(batch);
    }

    private static int[] rows() {
        return IntStream.range(0, ROWS).toArray();
    }

    private static Sampler[] samplers(IntFunction<List<SamplerStage>> stages) {
        return IntStream.range(0, ROWS)
                .mapToObj(i -> Sampler.of(model, stages.apply(i)))
                .toArray(Sampler[]::new);
    }

    private static void closeAll(Sampler[]... samplers) {
        Stream.of(samplers).flatMap(Arrays::stream).forEach(Sampler::close);
    }
}
