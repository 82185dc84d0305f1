package io.github.panllama.chat;

import static io.github.panllama.chat.ChatFixture.chat;
import static io.github.panllama.chat.ChatFixture.content;
import static io.github.panllama.chat.ChatFixture.events;
import static io.github.panllama.chat.ChatFixture.fresh;
import static io.github.panllama.chat.ChatFixture.greedy;
import static io.github.panllama.chat.ChatFixture.reasoning;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.NativeBuild;
import io.github.panllama.engine.EngineClosedException;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import io.github.panllama.engine.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LlamaChatTest {
    private static final List<String> QUESTIONS =
            List.of("My name is Clara.", "What is 47 + 85?", "What is my name?", "What is 90 - 31?");

    private static LlamaModel model;
    private LlamaEngine engine;

    @BeforeAll
    static void load() {
        model = ChatFixture.model();
    }

    @AfterAll
    static void unload() {
        model.close();
    }

    @BeforeEach
    void start() {
        engine = ChatFixture.engine(model);
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    @Test
    void aTurnComputesItsNewTokensAlone() {
        // Nothing of an answer without reasoning is left out of later prompts.
        try (LlamaChat chat = chat(engine, greedy().reasoning(Reasoning.off()))) {
            int held = 0;
            for (String question : QUESTIONS) {
                ChatPrompt prompt = chat.prompt(question);
                Usage usage = chat.send(question).await().usage();
                assertThat(usage.promptTokens()).isEqualTo(prompt.tokens().length);
                assertThat(usage.cachedTokens()).isEqualTo(held);
                held = usage.promptTokens() + usage.generatedTokens();
            }
            assertThat(engine.stats().cachedTokens()).isPositive();
        }
    }

    @Test
    void whereEarlierReasoningIsLeftOutATurnComputesWhatFollowsIt() {
        try (LlamaChat chat = chat(engine, greedy())) {
            ChatResult first = chat.send("What is 47 + 85?").await();
            assertThat(first.text()).isEqualTo("47 + 85 = 132");
            assertThat(first.reply().reasoning()).isNotEmpty();
            ChatResult second = chat.send("What is 90 - 31?").await();
            assertThat(second.text()).isEqualTo("90 - 31 = 59");
            // All up to the mark that begins the reasoning.
            assertThat(second.usage().cachedTokens()).isEqualTo(first.usage().promptTokens());
        }
    }

    @Test
    void everyTurnIsAnsweredAsByAnEngineThatHasComputedNothing() {
        for (Reasoning reasoning : List.of(Reasoning.on(), Reasoning.off())) {
            ChatOptions options = greedy().reasoning(reasoning).build();
            try (LlamaChat chat = LlamaChat.builder(engine)
                    .system("You are helpful.")
                    .options(options)
                    .build()) {
                List<ChatMessage> messages = new ArrayList<>(chat.messages());
                for (String question : QUESTIONS) {
                    messages.add(ChatMessage.user(question));
                    ChatReply reply = chat.send(question).await().reply();
                    assertThat(reply).isEqualTo(fresh(model, messages, options));
                    messages.add(reply.toMessage());
                    assertThat(chat.messages()).isEqualTo(messages);
                }
                assertThat(messages.get(6).content()).contains("Clara");
            }
        }
    }

    @Test
    void whatIsGoneBackOverIsAnsweredAsByAnEngineThatHasComputedNothing() {
        ChatOptions options = greedy().build();
        try (LlamaChat chat = LlamaChat.builder(engine).options(options).build()) {
            chat.send("My name is Clara.").await();
            ChatReply name = chat.send("What is my name?").await().reply();
            assertThat(chat.regenerate().await().reply()).isEqualTo(name);
            assertThat(chat.messages()).hasSize(4);

            List<ChatMessage> edited = List.of(ChatMessage.user("My name is Oskar."));
            ChatReply greeting = chat.edit(0, edited.getFirst()).await().reply();
            assertThat(greeting).isEqualTo(fresh(model, edited, options));
            assertThat(chat.messages()).containsExactly(edited.getFirst(), greeting.toMessage());
            assertThat(chat.send("What is my name?").text()).contains("Oskar");

            chat.rewind(0);
            assertThat(chat.messages()).isEmpty();
            assertThat(chat.send("My name is Clara.").await().reply())
                    .isEqualTo(fresh(model, List.of(ChatMessage.user("My name is Clara.")), options));
            assertThat(chat.send("What is my name?").await().reply()).isEqualTo(name);
        }
    }

    @Test
    void eventsAreTheReplyInPieces() {
        try (LlamaChat chat = chat(engine, greedy())) {
            ChatTurn turn = chat.send("What is 47 + 85?");
            List<ChatEvent> events = events(turn);
            ChatResult result = turn.await();
            assertThat(events.getLast()).isEqualTo(new ChatEvent.Finished(result));
            assertThat(reasoning(events)).isEqualTo(result.reply().reasoning()).contains("carry");
            assertThat(content(events)).isEqualTo(result.text()).isEqualTo("47 + 85 = 132");
            assertThat(events.size()).isGreaterThan(10);
            assertThat(events(turn)).as("another reader").isEqualTo(events);
            assertThat(turn.isDone()).isTrue();
            assertThat(result.finish()).isEqualTo(ChatFinish.STOP);
            assertThat(result.timings().timeToFirstToken()).isPositive();
        }
    }

    @Test
    void reasoningIsOnOffOrLimited() {
        try (LlamaChat chat = chat(engine, greedy())) {
            String question = "What is 47 + 85?";
            assertThat(chat.send(question).await().reply().reasoning()).isNotEmpty();
            chat.rewind(0);
            ChatOptions off = greedy().reasoning(Reasoning.off()).build();
            ChatReply quick = chat.send(question, off).await().reply();
            assertThat(quick.reasoning()).isEmpty();
            assertThat(quick.content()).isNotEmpty();
            chat.rewind(0);
            ChatOptions limited = greedy().reasoning(Reasoning.limited(5)).build();
            ChatReply cut = chat.send(question, limited).await().reply();
            assertThat(model.tokenizer().encode(cut.reasoning(), false, false)).hasSizeBetween(1, 6);
            assertThat(cut.content()).isNotEmpty();
        }
    }

    @Test
    void aCancelledTurnEndsWithWhatItHasAndTheNextOneIsAnswered() {
        ChatOptions endless = greedy().request(request -> request.ignoreEndOfGeneration(true))
                .maxTokens(4000)
                .build();
        try (LlamaChat chat = chat(engine, greedy())) {
            ChatTurn turn = chat.send("What is 47 + 85?", endless);
            int heard = 0;
            for (ChatEvent _ : turn) {
                if (++heard == 5) {
                    turn.cancel();
                }
            }
            ChatResult result = turn.await();
            assertThat(result.finish()).isEqualTo(ChatFinish.CANCELLED);
            assertThat(chat.messages().getLast()).isEqualTo(result.reply().toMessage());
            assertThat(chat.send("What is 90 - 31?").text()).isEqualTo("90 - 31 = 59");
            turn.cancel();
            assertThat(chat.regenerate().text()).isEqualTo("90 - 31 = 59");
        }
    }

    @Test
    void anInterruptedReaderCancelsTheTurn() {
        ChatOptions endless = greedy().request(request -> request.ignoreEndOfGeneration(true))
                .maxTokens(4000)
                .build();
        try (LlamaChat chat = chat(engine, greedy())) {
            ChatTurn turn = chat.send("Hello!", endless);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> turn.forEach(event -> {})).isInstanceOf(CancellationException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(turn.await().finish()).isEqualTo(ChatFinish.CANCELLED);
        }
    }

    @Test
    void lengthsAndDeadlinesEndATurn() {
        try (LlamaChat chat = chat(engine, greedy())) {
            ChatResult cut =
                    chat.send("What is 47 + 85?", greedy().maxTokens(3).build()).await();
            assertThat(cut.finish()).isEqualTo(ChatFinish.LENGTH);
            assertThat(cut.usage().generatedTokens()).isEqualTo(3);
            ChatOptions late = greedy().request(request -> request.ignoreEndOfGeneration(true))
                    .maxTokens(4000)
                    .timeout(java.time.Duration.ofMillis(1))
                    .build();
            assertThat(chat.send("What is 47 + 85?", late).await().finish()).isEqualTo(ChatFinish.DEADLINE);
        }
    }

    /** A reply that goes on with a message is stored in its place. */
    @Test
    void aReplyGoesOnWithAMessage() {
        try (LlamaChat chat = chat(engine, greedy())) {
            String reply = chat.send(List.of(ChatMessage.user("Hello!"), ChatMessage.assistant("Hel")))
                    .text();
            assertThat(reply).startsWith("Hel");
            assertThat(chat.messages()).hasSize(2);
            assertThat(chat.messages().getLast().content()).isEqualTo(reply);
        }
    }

    /** Also where a template opens it itself and is told of no choice. */
    @Test
    void reasoningThatIsOffEndsAtOnce() throws Exception {
        ChatTemplate template = ChatTemplate.of(
                model, NativeBuild.templates().resolve("deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja"));
        for (Reasoning reasoning : List.of(Reasoning.on(), Reasoning.off())) {
            ChatOptions few = greedy().reasoning(reasoning).maxTokens(40).build();
            try (LlamaChat chat =
                    LlamaChat.builder(engine).template(template).options(few).build()) {
                ChatReply reply = chat.send("What is 47 + 85?").await().reply();
                assertThat(reply.reasoning().isBlank()).isEqualTo(!reasoning.enabled());
            }
        }
    }

    @Test
    void oneTurnAtATime() {
        ChatOptions endless = greedy().request(request -> request.ignoreEndOfGeneration(true))
                .maxTokens(4000)
                .build();
        try (LlamaChat chat = chat(engine, greedy())) {
            try (ChatTurn turn = chat.send("Hello!", endless)) {
                assertThatThrownBy(() -> chat.send("Hello!")).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(chat::regenerate).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> chat.rewind(0)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(chat::fork).isInstanceOf(IllegalStateException.class);
                turn.cancel();
                turn.await();
            }
            assertThat(chat.messages()).hasSize(2);
            chat.rewind(0);
            assertThatThrownBy(chat::regenerate)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Nothing was asked");
        }
    }

    @Test
    void aChatThatIsClosedInATurnEndsIt() {
        ChatOptions endless = greedy().request(request -> request.ignoreEndOfGeneration(true))
                .maxTokens(4000)
                .build();
        LlamaChat chat = chat(engine, greedy());
        ChatTurn turn = chat.send("Hello!", endless);
        chat.close();
        chat.close();
        assertThat(turn.isDone()).isTrue();
        assertThat(engine.sessions()).isEmpty();
        assertThatThrownBy(() -> chat.send("Hello!"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void anEngineThatIsClosedInATurnFailsItAndTheConversationIsAsBefore() {
        ChatOptions endless = greedy().request(request -> request.ignoreEndOfGeneration(true))
                .maxTokens(4000)
                .build();
        LlamaChat chat = chat(engine, greedy());
        chat.send("Hello!").await();
        List<ChatMessage> before = chat.messages();
        ChatTurn turn = chat.send("What is 47 + 85?", endless);
        turn.iterator().next();
        engine.close();
        assertThatThrownBy(turn::await).isInstanceOf(EngineClosedException.class);
        assertThatThrownBy(() -> turn.forEach(event -> {})).isInstanceOf(EngineClosedException.class);
        assertThat(chat.messages()).isEqualTo(before);
        assertThatThrownBy(() -> chat.send("Hello!")).isInstanceOf(EngineClosedException.class);
        assertThat(chat.messages()).isEqualTo(before);
        chat.close();
    }

    @Test
    void forksGoOnFromWhereTheyWereMade() {
        try (LlamaChat chat = chat(engine, greedy())) {
            chat.send("My name is Clara.").await();
            try (LlamaChat fork = chat.fork()) {
                ChatResult there = fork.send("What is my name?").await();
                assertThat(there.text()).contains("Clara");
                assertThat(there.usage().cachedTokens()).isPositive();
                assertThat(chat.messages()).hasSize(2);
                assertThat(chat.send("What is my name?").text()).isEqualTo(there.text());
            }
        }
    }

    @Test
    void aSessionOfTheCallersKeepsWhatWasComputed() {
        try (Session session = engine.openSession("clara")) {
            List<ChatMessage> messages;
            try (LlamaChat chat = LlamaChat.builder(engine)
                    .session(session)
                    .options(greedy().reasoning(Reasoning.off()).build())
                    .build()) {
                chat.send("My name is Clara.").await();
                messages = chat.messages();
            }
            int held = session.length();
            try (LlamaChat again = LlamaChat.builder(engine)
                    .session(session)
                    .messages(messages)
                    .options(greedy().reasoning(Reasoning.off()).build())
                    .build()) {
                ChatResult result = again.send("What is my name?").await();
                assertThat(result.text()).contains("Clara");
                assertThat(result.usage().cachedTokens()).isEqualTo(held);
            }
        }
    }

    @Test
    void manyChatsAtATimeAnswerAsOneAlone() throws Exception {
        ChatOptions options = greedy().build();
        List<String> names = List.of("Clara", "Oskar", "Anna", "Emil");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<ChatMessage>>> conversations = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                String name = names.get(i % names.size());
                conversations.add(threads.submit(() -> converse(engine, name, options)));
            }
            for (int i = 0; i < conversations.size(); i++) {
                List<ChatMessage> together = conversations.get(i).get();
                List<ChatMessage> same = conversations.get(i % names.size()).get();
                assertThat(together).isEqualTo(same);
                assertThat(together.getLast().content()).contains(names.get(i % names.size()));
            }
            try (LlamaEngine alone = ChatFixture.engine(model)) {
                assertThat(converse(alone, names.getFirst(), options))
                        .isEqualTo(conversations.getFirst().get());
            }
        }
        assertThat(engine.sessions()).isEmpty();
    }

    private static List<ChatMessage> converse(LlamaEngine engine, String name, ChatOptions options) {
        try (LlamaChat chat = LlamaChat.builder(engine).options(options).build()) {
            chat.send("My name is " + name + ".").await();
            chat.send("What is 47 + 85?").await();
            chat.send("What is my name?").await();
            return chat.messages();
        }
    }
}
