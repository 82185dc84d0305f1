package io.github.panllama.chat;

import static io.github.panllama.chat.ChatFixture.events;
import static io.github.panllama.chat.ChatFixture.greedy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.ContextFullException;
import io.github.panllama.LlamaModel;
import io.github.panllama.engine.LlamaEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Conversations that outgrow a context of 256 tokens. */
class HistoryPolicyTest {
    private static final String SYSTEM = "You are helpful.";

    private static LlamaModel model;
    private static LlamaEngine engine;

    @BeforeAll
    static void start() {
        model = ChatFixture.model();
        engine = LlamaEngine.start(
                model, ChatFixture.engineOptions().sequences(1).contextSize(256).build());
    }

    @AfterAll
    static void stop() {
        engine.close();
        model.close();
    }

    private static LlamaChat chat(HistoryPolicy policy) {
        return LlamaChat.builder(engine)
                .system(SYSTEM)
                .options(greedy().reasoning(Reasoning.off())
                        .maxTokens(40)
                        .historyPolicy(policy)
                        .build())
                .build();
    }

    @Test
    void withoutAPolicyAConversationThatIsTooLongIsRefused() {
        try (LlamaChat chat = chat(HistoryPolicy.FAIL)) {
            List<ChatMessage> before = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            before.clear();
                            before.addAll(chat.messages());
                            chat.send("What is 47 + 85?").await();
                        }
                    })
                    .isInstanceOf(ContextFullException.class)
                    .hasMessageContaining("256");
            assertThat(chat.messages()).isEqualTo(before).hasSizeGreaterThan(5);
            assertThat(chat.droppedMessages()).isZero();
            chat.rewind(1);
            assertThat(chat.send("What is 47 + 85?").await().finish()).isEqualTo(ChatFinish.STOP);
        }
    }

    @Test
    void theOldestTurnsAreDroppedAndTheSystemsWordsStay() {
        try (LlamaChat chat = chat(HistoryPolicy.DROP_OLDEST)) {
            int drops = 0;
            for (int i = 0; i < 40; i++) {
                int dropped = chat.droppedMessages();
                String question = "What is %d + 85?".formatted(100 + i);
                int shown = chat.prompt(question).tokens().length;
                assertThat(chat.droppedMessages()).as("only shown").isEqualTo(dropped);
                ChatTurn turn = chat.send(question);
                if (events(turn).getFirst() instanceof ChatEvent.MessagesDropped(int count)) {
                    drops++;
                    assertThat(chat.droppedMessages()).isEqualTo(dropped + count);
                }
                ChatResult result = turn.await();
                assertThat(result.finish()).isEqualTo(ChatFinish.STOP);
                assertThat(result.usage().promptTokens())
                        .isLessThanOrEqualTo(256 - 40)
                        .isEqualTo(shown);
                String next = chat.prompt("").text();
                assertThat(next).contains(SYSTEM).contains(question);
            }
            assertThat(drops).as("many turns at once").isBetween(2, 12);
            assertThat(chat.messages()).hasSize(1 + 2 * 40);
            assertThat(chat.prompt("").text()).doesNotContain("What is 100");
            chat.rewind(3);
            assertThat(chat.droppedMessages()).isZero();
            assertThat(chat.prompt("").text()).contains("What is 100");
        }
    }

    @Test
    void aQuestionThatDoesNotFitAloneIsRefused() {
        try (LlamaChat chat = chat(HistoryPolicy.DROP_OLDEST)) {
            chat.send("What is 47 + 85?").await();
            List<ChatMessage> before = chat.messages();
            assertThatThrownBy(() -> chat.prompt("why? ".repeat(300))).isInstanceOf(ContextFullException.class);
            assertThatThrownBy(() -> chat.send("why? ".repeat(300)))
                    .isInstanceOf(ContextFullException.class)
                    .hasMessageContaining("256");
            assertThat(chat.messages()).isEqualTo(before);
            assertThat(chat.droppedMessages()).isZero();
        }
    }

    @Test
    void aReplyThatReachesTheEndOfTheContextSaysSo() {
        try (LlamaChat chat = LlamaChat.of(engine)) {
            ChatResult result = chat.send(
                            "Hello!",
                            ChatFixture.greedy()
                                    .maxTokens(4000)
                                    .request(request -> request.ignoreEndOfGeneration(true))
                                    .build())
                    .await();
            assertThat(result.finish()).isEqualTo(ChatFinish.CONTEXT_FULL);
            assertThat(result.usage().promptTokens() + result.usage().generatedTokens())
                    .isEqualTo(256);
        }
    }

    @Test
    void aToolThatAnswersMoreThanFitsEndsTheTurnAndKeepsWhatItDid() {
        Tool talkative = Tool.of(ChatFixture.CALCULATOR, arguments -> "1081 ".repeat(200));
        try (LlamaChat chat = ChatFixture.chat(
                engine, greedy().maxTokens(100).tools(List.of(talkative)).runTools(4, Duration.ofMinutes(5)))) {
            ChatTurn turn = chat.send("What is 23 * 47?");
            ChatResult result = turn.await();
            assertThat(result.finish()).isEqualTo(ChatFinish.CONTEXT_FULL);
            assertThat(result.rounds()).hasSize(1);
            assertThat(result.rounds().getFirst().toolResults()).hasSize(1);
            assertThat(chat.messages())
                    .extracting(ChatMessage::role)
                    .containsExactly(ChatRole.USER, ChatRole.ASSISTANT, ChatRole.TOOL);
            chat.rewind(0);
            assertThat(chat.send("What is 47 + 85?").await().finish()).isEqualTo(ChatFinish.STOP);
        }
    }
}
