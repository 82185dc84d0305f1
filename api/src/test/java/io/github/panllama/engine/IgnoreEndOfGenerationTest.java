package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaModel;
import org.junit.jupiter.api.Test;

class IgnoreEndOfGenerationTest {
    private static final String PROMPT = "<｜begin▁of▁sentence｜><｜User｜>Hello!<｜Assistant｜>";

    @Test
    void anAnswerGoesOnAfterItsEndToAsManyTokensAsItMayHave() throws Exception {
        try (LlamaModel model = EngineFixture.model();
                LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionResult ended = get(engine.generate(greedy(PROMPT).build()).result());
            assertThat(ended.finishReason()).isEqualTo(FinishReason.STOP);
            int length = ended.tokens().size();

            CompletionRequest.Builder endless =
                    greedy(PROMPT).maxTokens(length + 20).ignoreEndOfGeneration(true);
            CompletionResult result = get(engine.generate(endless.build()).result());
            assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(result.tokens())
                    .hasSize(length + 20)
                    .startsWith(ended.tokens().toArray(Integer[]::new));
            int end = result.tokens().get(length);
            assertThat(model.tokenizer().isEndOfGeneration(end)).isTrue();
            assertThat(result.text()).startsWith(ended.text());

            CompletionResult stopped =
                    get(engine.generate(endless.stopTokens(end).build()).result());
            assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(stopped.tokens()).isEqualTo(ended.tokens());
        }
    }
}
