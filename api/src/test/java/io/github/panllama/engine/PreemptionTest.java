package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Question;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreemptionTest {
    /** Admitted by what they need at first, the generations outgrow the cache together. */
    @Test
    void whoHasToWaitInTheMiddleLosesNothing() throws Exception {
        try (LlamaModel model = EngineFixture.model()) {
            List<Question> questions = EngineFixture.questions(model);
            List<String> answers = EngineFixture.answers(model, questions);
            EngineOptions tight =
                    options().sequences(16).contextSize(768).prefixCache(false).build();
            try (LlamaEngine engine = LlamaEngine.start(model, tight)) {
                List<Generation> generations = questions.stream()
                        .map(question -> engine.generate(greedy(question).build()))
                        .toList();
                for (int i = 0; i < generations.size(); i++) {
                    int[] tokens = get(generations.get(i).result()).tokens().stream()
                            .mapToInt(Integer::intValue)
                            .toArray();
                    assertThat(model.tokenizer().decode(tokens, true)).isEqualTo(answers.get(i));
                }
                EngineStats stats = engine.stats();
                assertThat(stats.preemptions()).isPositive();
                assertThat(stats.completed()).isEqualTo(questions.size());
                assertThat(stats.usedCells()).isZero();
            }
        }
    }
}
