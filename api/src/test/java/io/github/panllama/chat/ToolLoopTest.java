package io.github.panllama.chat;

import static io.github.panllama.chat.ChatFixture.CALCULATOR;
import static io.github.panllama.chat.ChatFixture.chat;
import static io.github.panllama.chat.ChatFixture.content;
import static io.github.panllama.chat.ChatFixture.events;
import static io.github.panllama.chat.ChatFixture.fresh;
import static io.github.panllama.chat.ChatFixture.greedy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.LlamaEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bundled model calls a calculator for products. */
class ToolLoopTest {
    private static final String QUESTION = "What is 23 * 47?";
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Tool MULTIPLIER = Tool.of(CALCULATOR, ToolLoopTest::multiply);

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

    private static String multiply(String arguments) {
        String expression = ChatJson.text(arguments, "expression");
        int times = expression.indexOf('*');
        long product = Long.parseLong(expression.substring(0, times).strip())
                * Long.parseLong(expression.substring(times + 1).strip());
        return String.valueOf(product);
    }

    private static ChatOptions.Builder running(Tool tool, int rounds) {
        return greedy().tools(List.of(tool)).runTools(rounds, LONG);
    }

    private static Tool tool(ToolFunction function) {
        return Tool.of(CALCULATOR, function);
    }

    @Test
    void aToolIsCalledAndItsResultAnswered() {
        try (LlamaChat chat = chat(engine, running(MULTIPLIER, 4))) {
            ChatTurn turn = chat.send(QUESTION);
            List<ChatEvent> events = events(turn);
            ChatResult result = turn.await();
            assertThat(result.finish()).isEqualTo(ChatFinish.STOP);
            assertThat(result.text()).contains("1081");
            assertThat(content(events)).endsWith(result.text());
            assertThat(result.rounds()).hasSize(2);
            ToolCall call = result.rounds().getFirst().reply().toolCalls().getFirst();
            assertThat(call.name()).isEqualTo("calculator");
            assertThat(ChatJson.text(call.arguments(), "expression")).isEqualTo("23 * 47");
            assertThat(events)
                    .contains(
                            new ChatEvent.ToolCallBegun(0, "calculator"),
                            new ChatEvent.ToolCalled(0, call),
                            new ChatEvent.ToolResult(call, "1081", false));
            StringBuilder arguments = new StringBuilder();
            for (ChatEvent event : events) {
                if (event instanceof ChatEvent.ToolCallDelta(int _, String more)) {
                    arguments.append(more);
                }
            }
            assertThat(arguments).hasToString(call.arguments());
            assertThat(chat.messages())
                    .extracting(ChatMessage::role)
                    .containsExactly(ChatRole.USER, ChatRole.ASSISTANT, ChatRole.TOOL, ChatRole.ASSISTANT);
            assertThat(result.rounds().get(1).usage().cachedTokens())
                    .as("all of the first prompt")
                    .isGreaterThanOrEqualTo(result.rounds().getFirst().usage().promptTokens() - 1);
            assertThat(result.reply())
                    .isEqualTo(fresh(
                            model,
                            chat.messages().subList(0, 3),
                            running(MULTIPLIER, 4).build()));
        }
    }

    @Test
    void theApplicationMayCallTheToolItself() {
        try (LlamaChat chat = chat(engine, greedy().declaredTools(List.of(CALCULATOR)))) {
            ChatResult asked = chat.send(QUESTION).await();
            assertThat(asked.finish()).isEqualTo(ChatFinish.TOOL_CALLS);
            ToolCall call = asked.reply().toolCalls().getFirst();
            ChatResult answered = chat.send(List.of(ChatMessage.toolResult(call, multiply(call.arguments()))))
                    .await();
            assertThat(answered.finish()).isEqualTo(ChatFinish.STOP);
            assertThat(answered.text()).contains("1081");
            assertThat(chat.regenerate().text()).isEqualTo(answered.text());
        }
    }

    @Test
    void aToolThatThrowsBecomesAResultAndTheTurnGoesOn() {
        List<Tool> bad = List.of(
                tool(arguments -> {
                    throw new java.io.IOException("the calculator is broken");
                }),
                tool(arguments -> {
                    throw new StackOverflowError();
                }),
                tool(arguments -> null));
        List<String> told =
                List.of("error: the calculator is broken", "error: StackOverflowError", "error: it answered null");
        for (int i = 0; i < bad.size(); i++) {
            try (LlamaChat chat = chat(engine, running(bad.get(i), 4))) {
                ChatTurn turn = chat.send(QUESTION);
                List<ChatEvent> events = events(turn);
                assertThat(turn.await().finish()).isIn(ChatFinish.STOP, ChatFinish.TOOL_ROUNDS);
                ToolCall call =
                        turn.await().rounds().getFirst().reply().toolCalls().getFirst();
                assertThat(events).contains(new ChatEvent.ToolResult(call, told.get(i), true));
                assertThat(chat.messages().get(2)).isEqualTo(ChatMessage.toolResult(call, told.get(i)));
                assertThat(turn.await().rounds().size()).isGreaterThan(1);
            }
        }
    }

    @Test
    void roundsHaveALimit() {
        try (LlamaChat chat = chat(engine, running(MULTIPLIER, 0))) {
            ChatResult result = chat.send(QUESTION).await();
            assertThat(result.finish()).isEqualTo(ChatFinish.TOOL_ROUNDS);
            assertThat(result.rounds()).hasSize(1);
            assertThat(chat.messages().getLast().role()).isEqualTo(ChatRole.TOOL);
            assertThat(chat.messages().getLast().content()).startsWith("error: not called");
        }
        ChatOptions.Builder forced = running(MULTIPLIER, 2).toolChoice(ToolChoice.REQUIRED);
        try (LlamaChat chat = chat(engine, forced)) {
            assertThat(chat.send(QUESTION).await().finish())
                    .as("once is enough")
                    .isEqualTo(ChatFinish.STOP);
        }
    }

    @Test
    void timeHasALimit() {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Tool slow = tool(arguments -> {
            try {
                never.await();
                return "too late";
            } finally {
                interrupted.countDown();
            }
        });
        ChatOptions.Builder options = greedy().tools(List.of(slow)).runTools(4, Duration.ofSeconds(3));
        try (LlamaChat chat = chat(engine, options)) {
            ChatResult result = chat.send(QUESTION).await();
            assertThat(result.finish()).isEqualTo(ChatFinish.DEADLINE);
            assertThat(chat.messages().getLast().content()).isEqualTo("error: it took too long");
            assertThat(interrupted.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTurnIsCancelledInATool() {
        CountDownLatch called = new CountDownLatch(1);
        Tool slow = tool(arguments -> {
            called.countDown();
            new CountDownLatch(1).await();
            return "never";
        });
        try (LlamaChat chat = chat(engine, running(slow, 4))) {
            ChatTurn turn = chat.send(QUESTION);
            assertThat(called.await(1, TimeUnit.MINUTES)).isTrue();
            turn.cancel();
            assertThat(turn.await().finish()).isEqualTo(ChatFinish.CANCELLED);
            assertThat(chat.messages().getLast().content()).isEqualTo("error: cancelled");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void callsOfOneReplyAreMadeAtTheSameTimeAndAnsweredInTheirOrder() {
        CyclicBarrier together = new CyclicBarrier(3);
        ToolRunner runner = new ToolRunner(List.of(tool(arguments -> {
            together.await(1, TimeUnit.MINUTES);
            return "got " + arguments;
        })));
        List<ToolCall> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(new ToolCall("id" + i, "calculator", "{\"n\": " + i + "}"));
        }
        ToolRunner.Outcome outcome = runner.run(calls, LONG, new ChatTurn());
        assertThat(outcome.ended()).isNull();
        assertThat(outcome.results())
                .extracting(ChatEvent.ToolResult::result)
                .containsExactly("got {\"n\": 0}", "got {\"n\": 1}", "got {\"n\": 2}");
        ToolCall unknown = new ToolCall("", "compass", "{}");
        assertThat(runner.run(List.of(unknown), LONG, new ChatTurn()).results())
                .containsExactly(new ChatEvent.ToolResult(unknown, "error: there is no tool compass", true));
    }

    @Test
    void theChoiceIsKept() {
        ChatTool compass = new ChatTool("compass", "Tells a direction.", """
                {"type": "object", "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}}, "required": ["city"]}""");
        ChatOptions.Builder both = greedy().declaredTools(List.of(CALCULATOR, compass));
        try (LlamaChat chat = chat(engine, both)) {
            assertThat(chat.send(QUESTION, both.toolChoice(ToolChoice.NONE).build())
                            .await()
                            .reply()
                            .toolCalls())
                    .isEmpty();
            chat.rewind(0);
            ToolCall some = chat.send(
                            QUESTION, both.toolChoice(ToolChoice.REQUIRED).build())
                    .await()
                    .reply()
                    .toolCalls()
                    .getFirst();
            assertThat(some.name()).isIn("calculator", "compass");
            chat.rewind(0);
            ChatOptions named = both.requiredTool("compass").build();
            ToolCall call =
                    chat.send(QUESTION, named).await().reply().toolCalls().getFirst();
            assertThat(call.name()).isEqualTo("compass");
            assertThat(ChatJson.text(call.arguments(), "city")).isIn("Paris", "Rome");
        }
    }

    /** A model at such a temperature writes anything; the grammar alone makes calls of it. */
    @Test
    void argumentsAlwaysParse() {
        ChatOptions wild = ChatOptions.builder()
                .sampling(SamplingOptions.builder().temperature(3).seed(7).build())
                .reasoning(Reasoning.off())
                .maxTokens(400)
                .declaredTools(List.of(CALCULATOR))
                .requiredTool("calculator")
                .build();
        int calls = 0;
        for (int i = 0; i < 40; i++) {
            ChatOptions seeded = wild.toBuilder()
                    .sampling(SamplingOptions.builder().temperature(3).seed(i).build())
                    .build();
            try (LlamaChat chat = LlamaChat.of(engine)) {
                ChatResult result = chat.send(QUESTION, seeded).await();
                for (ToolCall call : result.reply().toolCalls()) {
                    ChatJson.text(call.arguments(), "expression");
                    calls++;
                }
            }
        }
        assertThat(calls).isGreaterThan(10);
    }

    @Test
    void toolsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> ChatOptions.builder()
                        .tools(List.of(MULTIPLIER))
                        .declaredTools(List.of(CALCULATOR))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one name");
        assertThatThrownBy(() -> ChatOptions.builder().requiredTool("compass").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("compass");
        assertThatThrownBy(() -> ChatOptions.builder().runTools(-1, LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> ChatOptions.builder().runTools(1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit");
    }
}
