package io.github.panllama.chat;

import static io.github.panllama.chat.ChatFixture.events;
import static io.github.panllama.chat.ChatFixture.greedy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.engine.EngineCrashedException;
import io.github.panllama.engine.IsolatedOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.tinymodel.TinyModel;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A chat over an engine in another process says what one over an engine in this process says. */
class IsolatedChatTest {
    private static LlamaModel model;
    private static LlamaEngine local;
    private static LlamaEngine isolated;

    @BeforeAll
    static void start() {
        model = ChatFixture.model();
        local = ChatFixture.engine(model);
        isolated = LlamaEngine.startIsolated(
                TinyModel.path(),
                IsolatedOptions.builder()
                        .model(ModelOptions.builder().gpuLayers(0).build())
                        .engine(ChatFixture.engineOptions().build())
                        .build());
    }

    @AfterAll
    static void close() {
        isolated.close();
        local.close();
        model.close();
    }

    @Test
    void everyTurnIsTheSame() {
        try (LlamaChat here = ChatFixture.chat(local, greedy());
                LlamaChat there = ChatFixture.chat(isolated, greedy())) {
            for (String question : List.of("My name is Anna.", "What is 47 + 85?", "What is my name?")) {
                ChatTurn expected = here.send(question);
                ChatTurn turn = there.send(question);
                assertThat(ChatFixture.content(events(turn))).isEqualTo(ChatFixture.content(events(expected)));
                assertThat(turn.await().reply()).isEqualTo(expected.await().reply());
                assertThat(turn.await().usage().cachedTokens())
                        .isEqualTo(expected.await().usage().cachedTokens());
            }
            assertThat(there.messages()).isEqualTo(here.messages());
            try (LlamaChat fork = there.fork()) {
                assertThat(fork.send("What is 1 + 1?").await().reply())
                        .isEqualTo(here.send("What is 1 + 1?").await().reply());
            }
        }
    }

    @Test
    void promptsAndRepliesAreTheSame() {
        ChatTemplate here = ChatTemplate.of(model);
        ChatTemplate there = ChatTemplate.of(isolated);
        assertThat(there.source()).isEqualTo(here.source());
        assertThat(there.isOfModel()).isEqualTo(here.isOfModel());
        assertThat(there.supportsThinking()).isEqualTo(here.supportsThinking());
        assertThat(there.supportsTools()).isEqualTo(here.supportsTools());
        assertThat(there.supportsSystem()).isEqualTo(here.supportsSystem());
        List<ChatMessage> messages = List.of(ChatMessage.system("Be brief."), ChatMessage.user("What is 47 + 85?"));
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .tools(List.of(ChatFixture.CALCULATOR))
                .requiredTool("calculator")
                .argument("extra", "[1, \"zwei\"]")
                .build();
        for (ChatTemplateOptions each : List.of(ChatTemplateOptions.defaults(), options)) {
            ChatPrompt expected = here.render(messages, each);
            ChatPrompt prompt = there.render(messages, each);
            assertThat(prompt.text()).isEqualTo(expected.text());
            assertThat(prompt.tokens()).isEqualTo(expected.tokens());
            assertThat(prompt.stops()).isEqualTo(expected.stops());
            assertThat(prompt.reasoningBegin()).isEqualTo(expected.reasoningBegin());
            assertThat(prompt.reasoningEnds()).isEqualTo(expected.reasoningEnds());
            assertThat(prompt.replyGrammar()).isEqualTo(expected.replyGrammar());
            assertThat(prompt.format()).isEqualTo(expected.format());
            String reply = "<think>ones</think>132";
            assertThat(prompt.parse(reply)).isEqualTo(expected.parse(reply));
            assertThat(prompt.parsePartial("<think>on")).isEqualTo(expected.parsePartial("<think>on"));
        }
    }

    @Test
    void whatATemplateRefusesIsRefused() {
        assertThatThrownBy(() -> ChatTemplate.of(isolated, "{% if %}")).isInstanceOf(ChatTemplateException.class);
        ChatTemplate refusing = ChatTemplate.of(
                isolated,
                "{% if messages[0].content == 'bad' %}{{ raise_exception('no') }}{% endif %}{{ messages[0].content }}");
        assertThat(refusing.render(List.of(ChatMessage.user("good"))).text()).contains("good");
        assertThatThrownBy(() -> refusing.render(List.of(ChatMessage.user("bad"))))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("no");
        assertThatThrownBy(() -> ChatTemplate.of(isolated).render(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void toolsAreCalledInThisProcess() {
        Tool tool = Tool.of(ChatFixture.CALCULATOR, _ -> "132");
        ChatOptions.Builder options = greedy().tools(List.of(tool));
        try (LlamaChat here = ChatFixture.chat(local, options);
                LlamaChat there = ChatFixture.chat(isolated, options)) {
            ChatResult expected = here.send("What is 47 + 85?").await();
            ChatResult result = there.send("What is 47 + 85?").await();
            assertThat(result.text()).isEqualTo(expected.text());
            assertThat(result.rounds()).hasSameSizeAs(expected.rounds());
        }
    }

    @Test
    void aChatGoesOnInTheNextWorker() {
        try (LlamaEngine engine = LlamaEngine.startIsolated(
                        TinyModel.path(),
                        IsolatedOptions.builder()
                                .model(ModelOptions.builder().gpuLayers(0).build())
                                .engine(ChatFixture.engineOptions().build())
                                .build());
                LlamaChat chat = ChatFixture.chat(engine, greedy())) {
            chat.send("My name is Anna.").await();
            ChatPrompt before = chat.prompt("What?");
            ChatReply parsed = before.parse("132");
            ProcessHandle.current().children().forEach(IsolatedChatTest::killIfNewest);
            ChatResult result;
            try {
                result = chat.send("What is my name?").await();
            } catch (EngineCrashedException e) {
                result = chat.send("What is my name?").await();
            }
            assertThat(result.text()).contains("Anna");
            assertThat(before.parse("132")).isEqualTo(parsed);
        }
    }

    private static void killIfNewest(ProcessHandle process) {
        ProcessHandle newest = ProcessHandle.current()
                .children()
                .max(java.util.Comparator.comparing(
                        child -> child.info().startInstant().orElseThrow()))
                .orElseThrow();
        if (process.equals(newest)) {
            process.destroyForcibly();
        }
    }
}
