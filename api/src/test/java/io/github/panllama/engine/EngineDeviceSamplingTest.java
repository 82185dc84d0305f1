package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.evaluation.Question;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineDeviceSamplingTest {
    private static LlamaModel model;
    private static List<Question> questions;
    private static List<String> answers;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        questions = EngineFixture.questions(model);
        answers = EngineFixture.answers(model, questions);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @ParameterizedTest
    @EnumSource(DeviceSampling.class)
    void theLikeliestTokensAreTheSameWhereverTheyAreChosen(DeviceSampling sampling) throws Exception {
        EngineOptions options = options().sequences(8).deviceSampling(sampling).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = questions.stream()
                    .map(question -> engine.generate(greedy(question).build()))
                    .toList();
            long tokens = 0;
            for (int i = 0; i < generations.size(); i++) {
                assertThat(text(get(generations.get(i).result()))).isEqualTo(answers.get(i));
                tokens += generations.get(i).await().tokens().size();
            }
            EngineStats stats = engine.stats();
            // One more of each, which ended it.
            assertThat(stats.deviceSampled() + stats.hostSampled()).isEqualTo(tokens + questions.size());
            // This model is on the CPU.
            assertThat(sampling == DeviceSampling.ON ? stats.hostSampled() : stats.deviceSampled())
                    .isZero();
        }
    }

    private static String text(CompletionResult result) {
        return model.tokenizer()
                .decode(result.tokens().stream().mapToInt(Integer::intValue).toArray(), true);
    }

    /** Chains that the device can run and others, requests for logprobs, in turn on the same few sequences. */
    @Test
    void eachRequestIsSampledWhereItCanBe() throws Exception {
        EngineOptions options =
                options().sequences(3).deviceSampling(DeviceSampling.ON).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < questions.size(); i++) {
                CompletionRequest.Builder request = greedy(questions.get(i));
                switch (i % 4) {
                    case 1 -> request.logprobs(2);
                    case 2 ->
                        request.sampling(SamplingOptions.builder()
                                .penalties(0, 1, 0, 0)
                                .temperature(0)
                                .build());
                    case 3 ->
                        request.sampling(SamplingOptions.builder()
                                .topK(1)
                                .temperature(0.5f)
                                .seed(i)
                                .build());
                    default -> {}
                }
                generations.add(engine.generate(request.build()));
            }
            long onDevice = 0;
            long onHost = 0;
            for (int i = 0; i < generations.size(); i++) {
                CompletionResult result = get(generations.get(i).result());
                assertThat(text(result)).as("question %d", i).isEqualTo(answers.get(i));
                assertThat(result.logprobs())
                        .hasSize(i % 4 == 1 ? result.tokens().size() : 0);
                if (i % 4 == 0 || i % 4 == 3) {
                    onDevice += result.tokens().size() + 1;
                } else {
                    onHost += result.tokens().size() + 1;
                }
            }
            assertThat(engine.stats().deviceSampled()).isEqualTo(onDevice).isPositive();
            assertThat(engine.stats().hostSampled()).isEqualTo(onHost).isPositive();
        }
    }
}
