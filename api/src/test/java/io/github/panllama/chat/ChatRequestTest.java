package io.github.panllama.chat;

import static io.github.panllama.chat.ChatFixture.chat;
import static io.github.panllama.chat.ChatFixture.content;
import static io.github.panllama.chat.ChatFixture.events;
import static io.github.panllama.chat.ChatFixture.greedy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.TokenLogprob;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.LlamaEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a chat's options ask of the engine's requests, and what becomes of that. */
class ChatRequestTest {
    private static final String QUESTION = "What is 47 + 85?";

    private static LlamaModel model;
    private static LlamaEngine engine;

    @BeforeAll
    static void start() {
        model = ChatFixture.model();
        engine = ChatFixture.engine(model);
    }

    @AfterAll
    static void stop() {
        engine.close();
        model.close();
    }

    private static ChatOptions.Builder asking(Consumer<CompletionRequest.Builder> settings) {
        return greedy().reasoning(Reasoning.off()).request(settings);
    }

    @Test
    void aStopTextIsNoPartOfTheReplyNorWhatFollowsIt() {
        String whole;
        try (LlamaChat chat = chat(engine, asking(request -> {}))) {
            whole = chat.send(QUESTION).text();
        }
        assertThat(whole).contains("132");
        for (int from = 1; from < whole.length() - 2; from += 2) {
            String stop = whole.substring(from, from + 2);
            try (LlamaChat chat = chat(engine, asking(request -> request.stop(stop)))) {
                ChatTurn turn = chat.send(QUESTION);
                String told = content(events(turn));
                assertThat(turn.text()).as(stop).isEqualTo(whole.substring(0, whole.indexOf(stop)));
                assertThat(told).isEqualTo(turn.text());
                assertThat(turn.await().finish()).isEqualTo(ChatFinish.STOP);
                assertThat(chat.messages().getLast().content()).isEqualTo(turn.text());
            }
        }
    }

    @Test
    void aReplyThatAStopTextEndsCallsNoTools() {
        Tool never = Tool.of(ChatFixture.CALCULATOR, arguments -> {
            throw new IllegalStateException("called");
        });
        try (LlamaChat chat = chat(
                engine,
                greedy().tools(List.of(never))
                        .runTools(1, Duration.ofMinutes(5))
                        .request(request -> request.stop("arguments")))) {
            ChatResult result = chat.send("What is 23 * 47?").await();
            assertThat(result.finish()).isEqualTo(ChatFinish.STOP);
            assertThat(result.reply().toolCalls()).isEmpty();
        }
    }

    @Test
    void logprobsAreOfEachTokenOfTheReply() {
        try (LlamaChat chat = chat(engine, asking(request -> request.logprobs(2)))) {
            ChatResult result = chat.send(QUESTION).await();
            assertThat(result.logprobs())
                    .hasSize(result.usage().generatedTokens())
                    .allSatisfy(logprob -> {
                        assertThat(logprob.alternatives()).hasSize(2);
                        assertThat(logprob.token())
                                .as("greedy")
                                .isEqualTo(logprob.alternatives().getFirst().token());
                        assertThat(logprob.logprob()).isLessThanOrEqualTo(0);
                    });
            int[] tokens =
                    result.logprobs().stream().mapToInt(TokenLogprob::token).toArray();
            assertThat(model.tokenizer().decode(tokens)).contains(result.text());
        }
    }

    @Test
    void withoutBeingAskedForThereAreNone() {
        try (LlamaChat chat = chat(engine, greedy())) {
            assertThat(chat.send(QUESTION).await().logprobs()).isEmpty();
        }
    }

    /** Of a callback in another language, or by a cast. */
    @Test
    void anUndeclaredExceptionOfTheSettingsEndsTheTurn() throws Exception {
        Tool tool = Tool.of(ChatFixture.CALCULATOR, arguments -> "1081");
        Consumer<CompletionRequest.Builder> second = new Consumer<>() {
            private int calls;

            @Override
            public void accept(CompletionRequest.Builder builder) {
                if (calls++ > 0) {
                    ChatRequestTest.<RuntimeException>sneak(new IOException("thrown on purpose"));
                }
            }
        };
        try (LlamaChat chat = chat(
                engine,
                greedy().tools(List.of(tool)).runTools(1, Duration.ofMinutes(5)).request(second))) {
            ChatTurn turn = chat.send("What is 23 * 47?");
            assertThatThrownBy(() -> turn.result().get(1, TimeUnit.MINUTES)).hasRootCauseInstanceOf(IOException.class);
            assertThat(chat.messages()).isEmpty();
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
