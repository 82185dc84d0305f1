package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplerStage.ReasoningBudget;
import io.github.panllama.SamplingException;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Speculation;
import io.github.panllama.tinymodel.TinyModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limited reasoning, of the bundled model, which thinks before it answers; and of its vocabulary alone. */
class ReasoningBudgetTest {
    private static final int UNLIMITED = 100;

    private static LlamaModel model;
    private static ChatPrompt prompt;
    private static int begin;
    private static int end;

    @BeforeAll
    static void load() {
        model = LlamaModel.load(
                TinyModel.path(), ModelOptions.builder().gpuLayers(0).build());
        prompt = ChatTemplate.of(model).render(List.of(ChatMessage.user("What is 47 + 85?")));
        begin = model.tokenizer().encode("<think>", false, true)[0];
        end = model.tokenizer().encode("</think>", false, true)[0];
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static SamplingOptions greedy(ReasoningBudget budget) {
        return SamplingOptions.builder().temperature(0).reasoningBudget(budget).build();
    }

    private static SamplingOptions limited(int tokens) {
        return greedy(prompt.reasoningBudget(tokens).orElseThrow());
    }

    private static List<Integer> generate(SamplingOptions sampling) {
        List<Integer> tokens = new ArrayList<>();
        try (TextGenerator generator = TextGenerator.of(model)) {
            generator.generate(GenerationRequest.builder(prompt.tokens())
                    .sampling(sampling)
                    .onToken(tokens::add)
                    .build());
        }
        return tokens;
    }

    private static ChatReply reply(List<Integer> tokens) {
        ReplyStream stream = prompt.newReplyStream();
        tokens.forEach(stream::append);
        stream.finish();
        return stream.reply();
    }

    @Test
    void thePromptKnowsTheMarks() {
        assertThat(prompt.reasoningBudget(7))
                .contains(new ReasoningBudget(7, "<think>", List.of("</think>"), "", prompt.replyBegin()));
        ChatPrompt plain = ChatTemplate.of(model, "chatml").render(List.of(ChatMessage.user("Hi")));
        assertThat(plain.reasoningBudget(7)).isEmpty();
    }

    @Test
    void aBudgetThatIsNotUsedUpChangesNothing() {
        List<Integer> free = generate(SamplingOptions.greedy());
        assertThat(free.indexOf(end)).isGreaterThan(20);
        assertThat(generate(limited(UNLIMITED))).isEqualTo(free);
        assertThat(generate(limited(free.indexOf(end)))).isEqualTo(free);
        assertThat(reply(free).content()).isEqualTo("47 + 85 = 132");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 12})
    void reasoningEndsAfterAsManyTokens(int tokens) {
        List<Integer> free = generate(SamplingOptions.greedy());
        List<Integer> limited = generate(limited(tokens));
        assertThat(limited.subList(0, tokens)).isEqualTo(free.subList(0, tokens));
        assertThat(limited.get(tokens)).isEqualTo(end);
        assertThat(limited.size()).as("there is an answer").isGreaterThan(tokens + 1);
        int[] thought = limited.subList(0, tokens).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        ChatReply reply = reply(limited);
        assertThat(reply.reasoning()).isEqualTo(model.tokenizer().decode(thought).strip());
        assertThat(reply.content()).isNotEmpty();
    }

    @Test
    void wordsOfTheApplicationStandBeforeTheMark() {
        List<Integer> tokens =
                generate(greedy(prompt.reasoningBudget(5, " That is enough.").orElseThrow()));
        assertThat(reply(tokens).reasoning()).endsWith(" That is enough.");
        assertThat(reply(tokens).content()).isNotEmpty();
    }

    @Test
    void anEngineKeepsTheBudgetWithAndWithoutGuesses() {
        try (LlamaEngine engine = LlamaEngine.start(model)) {
            CompletionRequest.Builder request =
                    CompletionRequest.builder(prompt.tokens()).sampling(limited(5));
            List<Integer> tokens = engine.generate(request.build()).await().tokens();
            assertThat(tokens).isEqualTo(generate(limited(5)));
            assertThat(engine.generate(
                                    request.speculation(Speculation.ngram()).build())
                            .await()
                            .tokens())
                    .isEqualTo(tokens);
        }
    }

    /** What a sampler with that budget chooses where the model finds the token 'a' likeliest. */
    private static int choose(Sampler sampler) {
        float[] logits = new float[model.tokenizer().size()];
        logits['a'] = 1;
        return sampler.sample(logits);
    }

    private static Sampler sampler(int tokens, String promptEnd) {
        return Sampler.of(
                model,
                new ReasoningBudget(tokens, "<think>", List.of("</think>"), "", promptEnd),
                new SamplerStage.Greedy());
    }

    @Test
    void aMarkInTheReplyBeginsToCountEachTime() {
        try (Sampler sampler = sampler(2, "")) {
            for (int i = 0; i < 10; i++) {
                assertThat(choose(sampler)).isEqualTo('a');
            }
            for (int round = 0; round < 2; round++) {
                sampler.accept(begin);
                assertThat(new int[] {choose(sampler), choose(sampler), choose(sampler), choose(sampler)})
                        .containsExactly('a', 'a', end, 'a');
            }
            sampler.accept(begin);
            sampler.accept(end);
            assertThat(choose(sampler)).as("it ended by itself").isEqualTo('a');
            assertThat(choose(sampler)).isEqualTo('a');
            assertThat(choose(sampler)).isEqualTo('a');
        }
    }

    @Test
    void aPromptThatBeginsReasoningDoesSoAfterAResetAndInACopyToo() {
        try (Sampler sampler = sampler(2, "<｜Assistant｜><think>")) {
            assertThat(choose(sampler)).isEqualTo('a');
            try (Sampler copy = sampler.copy()) {
                assertThat(choose(copy)).isEqualTo('a');
                assertThat(choose(copy)).isEqualTo(end);
                copy.reset();
                assertThat(new int[] {choose(copy), choose(copy), choose(copy)}).containsExactly('a', 'a', end);
            }
            assertThat(choose(sampler)).isEqualTo('a');
            assertThat(choose(sampler)).isEqualTo(end);
            assertThat(choose(sampler)).isEqualTo('a');
        }
        try (Sampler ended = sampler(0, "<｜Assistant｜><think></think>")) {
            assertThat(choose(ended)).isEqualTo('a');
        }
    }

    @Test
    void aCharacterIsWholeBeforeReasoningEnds() {
        byte[] euro = "€".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (Sampler sampler = sampler(1, "<think>")) {
            for (byte part : euro) {
                sampler.accept(Byte.toUnsignedInt(part));
            }
            // Single bytes do not say that the character is whole; the next token does.
            assertThat(new int[] {choose(sampler), choose(sampler)}).containsExactly('a', end);
        }
    }

    @Test
    void budgetsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> prompt.reasoningBudget(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tokens is -1");
        assertThatThrownBy(() -> new ReasoningBudget(1, "", List.of("</think>"), "", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("begin is ''");
        for (List<String> ends : List.of(List.<String>of(), List.of(""), List.of("</think>", ""))) {
            assertThatThrownBy(() -> new ReasoningBudget(1, "<think>", ends, "", ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ends are");
        }
        SamplerStage.LogitBias never = new SamplerStage.LogitBias(Map.of(end, Float.NEGATIVE_INFINITY));
        ReasoningBudget none = prompt.reasoningBudget(0).orElseThrow();
        try (Sampler sampler = Sampler.of(model, none, never, new SamplerStage.Greedy())) {
            assertThatThrownBy(() -> choose(sampler)).isInstanceOf(SamplingException.class);
        }
    }
}
