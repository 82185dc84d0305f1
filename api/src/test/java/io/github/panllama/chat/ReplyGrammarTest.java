package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** When a reply's grammar is awake, over the bundled model's vocabulary. */
class ReplyGrammarTest {
    private static final String THINK = "<think>";
    private static final List<String> ENDS = List.of("</think>");

    private static LlamaModel model;
    private static int begin;
    private static int end;
    private static int calls;

    @BeforeAll
    static void load() {
        model = ChatFixture.model();
        begin = token(THINK);
        end = token("</think>");
        calls = token("<｜tool▁calls▁begin｜>");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int token(String mark) {
        int[] tokens = model.tokenizer().encode(mark, false, true);
        assertThat(tokens).hasSize(1);
        return tokens[0];
    }

    private static Sampler sampler(SamplerStage rules, boolean seesReasoning, String promptEnd) {
        return Sampler.of(
                model,
                new SamplerStage.ReplyGrammar(rules, seesReasoning, promptEnd, THINK, ENDS),
                new SamplerStage.Greedy());
    }

    /** What is chosen where the model finds the token 'a' likeliest, then 'b'. */
    private static int choose(Sampler sampler) {
        float[] logits = new float[model.tokenizer().size()];
        logits['a'] = 2;
        logits['b'] = 1;
        return sampler.sample(logits);
    }

    @Test
    void anAnswersGrammarSleepsWhileTheModelReasons() {
        SamplerStage rules = new SamplerStage.Grammar("root ::= \"bb\"");
        try (Sampler sampler = sampler(rules, false, "<｜Assistant｜>" + THINK)) {
            assertThat(choose(sampler)).isEqualTo('a');
            assertThat(choose(sampler)).isEqualTo('a');
            try (Sampler copy = sampler.copy()) {
                copy.accept(end);
                assertThat(choose(copy)).isEqualTo('b');
            }
            assertThat(choose(sampler)).isEqualTo('a');
            sampler.accept(end);
            assertThat(choose(sampler)).isEqualTo('b');
            assertThat(choose(sampler)).isEqualTo('b');
            sampler.reset();
            assertThat(choose(sampler)).as("the prompt begins reasoning").isEqualTo('a');
        }
        try (Sampler sampler = sampler(rules, false, "<｜Assistant｜>" + THINK + "</think>")) {
            assertThat(choose(sampler)).as("the prompt ends reasoning").isEqualTo('b');
        }
        try (Sampler sampler = sampler(rules, false, "")) {
            assertThat(choose(sampler)).as("there is no reasoning").isEqualTo('b');
        }
    }

    @Test
    void aGrammarOfTheWholeReplySeesWhatThePromptHasBegun() {
        SamplerStage rules = new SamplerStage.Grammar("root ::= \"<think>\" [ab]* \"</think>\" \"b\"");
        try (Sampler sampler = sampler(rules, true, THINK)) {
            assertThat(choose(sampler)).isEqualTo('a');
            sampler.accept(end);
            assertThat(choose(sampler)).isEqualTo('b');
            sampler.reset();
            assertThat(choose(sampler)).isEqualTo('a');
        }
        assertThatThrownBy(() -> sampler(new SamplerStage.Grammar("root ::= \"b\""), true, THINK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with which the reply begins");
    }

    @Test
    void aTriggerInReasoningWakesNothing() {
        SamplerStage byToken = new SamplerStage.LazyGrammar(
                "root ::= <[%d]> \"b\"".formatted(calls), "root", List.of(), List.of(calls));
        SamplerStage byText = new SamplerStage.LazyGrammar("root ::= \"ba\" \"b\"", "root", List.of("(ba)"), List.of());
        try (Sampler sampler = sampler(byToken, false, THINK)) {
            sampler.accept(calls);
            assertThat(choose(sampler)).isEqualTo('a');
            sampler.accept(end);
            assertThat(choose(sampler)).isEqualTo('a');
            sampler.accept(calls);
            assertThat(choose(sampler)).isEqualTo('b');
        }
        try (Sampler sampler = sampler(byText, false, "")) {
            sampler.accept(begin);
            sampler.accept('b');
            sampler.accept('a');
            assertThat(choose(sampler)).isEqualTo('a');
            sampler.accept(end);
            sampler.accept('b');
            sampler.accept('a');
            assertThat(choose(sampler)).isEqualTo('b');
        }
    }

    /** Some formats call tools right in the mark that ends reasoning. */
    @Test
    void theMarkThatEndsReasoningMayWakeTheGrammar() {
        SamplerStage rules =
                new SamplerStage.LazyGrammar("root ::= <[%d]> \"b\"".formatted(end), "root", List.of(), List.of(end));
        try (Sampler sampler = sampler(rules, false, THINK)) {
            assertThat(choose(sampler)).isEqualTo('a');
            sampler.accept(end);
            assertThat(choose(sampler)).isEqualTo('b');
        }
    }

    @Test
    void stagesThatCannotBeAreRefused() {
        SamplerStage lazy = new SamplerStage.LazyGrammar("root ::= \"x\"", "root", List.of("(x)"), List.of());
        assertThatThrownBy(() -> new SamplerStage.ReplyGrammar(lazy, true, "", THINK, ENDS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not see reasoning");
        assertThatThrownBy(() -> new SamplerStage.ReplyGrammar(new SamplerStage.Greedy(), false, "", THINK, ENDS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Greedy");
        SamplerStage wrong = new SamplerStage.Grammar("root ::= nowhere");
        assertThatThrownBy(() -> sampler(wrong, false, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("grammar");
        assertThatThrownBy(() -> SamplingOptions.greedy().startingWith(new SamplerStage.Greedy()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Greedy");
    }
}
