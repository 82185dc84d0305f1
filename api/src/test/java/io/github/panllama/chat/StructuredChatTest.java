package io.github.panllama.chat;

import static io.github.panllama.chat.ChatFixture.greedy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.LlamaEngine;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Answers that have a schema or a grammar. */
class StructuredChatTest {
    private static final String SCHEMA = """
            {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"], "additionalProperties": false}""";
    private static final Pattern ANSWER = Pattern.compile("\\{\\s*\"answer\"\\s*:\\s*(-?\\d+)\\s*}");

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

    /** What the model is asked for. */
    record Answer(int answer) {}

    /** A binding for that record and lists of it. */
    private static final class AnswerBinding implements JsonBinding {
        @Override
        public String schema(Type type) {
            return type == Answer.class
                    ? SCHEMA
                    : "{\"type\": \"array\", \"items\": %s, \"minItems\": 2, \"maxItems\": 2}".formatted(SCHEMA);
        }

        @Override
        public Object read(String json, Type type) {
            Matcher answers = ANSWER.matcher(json);
            List<Answer> all = answers.results()
                    .map(found -> new Answer(Integer.parseInt(found.group(1))))
                    .toList();
            if (all.isEmpty()) {
                throw new StructuredOutputException("no answer", json, new IllegalArgumentException(json));
            }
            return type == Answer.class ? all.getFirst() : all;
        }

        @Override
        public String schema(Method method) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Object> read(String json, Method method) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String write(Object value) {
            throw new UnsupportedOperationException();
        }
    }

    private static LlamaChat chat() {
        return LlamaChat.builder(engine)
                .system("Answer as JSON.")
                .options(greedy().build())
                .jsonBinding(new AnswerBinding())
                .build();
    }

    @Test
    void aQuestionIsAnsweredWithAValueAfterReasoning() {
        try (LlamaChat chat = chat()) {
            assertThat(chat.ask(Answer.class, "What is 47 + 85?")).isEqualTo(new Answer(132));
            ChatMessage message = chat.messages().getLast();
            assertThat(message.reasoning()).contains("carry");
            assertThat(message.content()).matches(ANSWER);
            ChatOptions quick =
                    chat.options().toBuilder().reasoning(Reasoning.off()).build();
            assertThat(chat.ask(Answer.class, "What is 90 - 31?", quick)).isNotNull();
            assertThat(chat.messages().getLast().reasoning()).isEmpty();
            assertThat(chat.askList(Answer.class, "What is 3 + 4?")).hasSize(2);
        }
    }

    /** At such a temperature the model writes anything that it may. */
    @Test
    void whateverTheModelWouldSayTheAnswerHasTheSchema() {
        for (int seed = 0; seed < 30; seed++) {
            ChatOptions wild = ChatOptions.builder()
                    .sampling(
                            SamplingOptions.builder().temperature(2).seed(seed).build())
                    .reasoning(seed % 2 == 0 ? Reasoning.off() : Reasoning.limited(8))
                    .responseSchema(SCHEMA)
                    .maxTokens(1000)
                    .build();
            try (LlamaChat chat = LlamaChat.of(engine)) {
                ChatResult result = chat.send("Hello!", wild).await();
                assertThat(result.finish()).isEqualTo(ChatFinish.STOP);
                assertThat(result.text()).matches(ANSWER);
            }
        }
    }

    @Test
    void aGrammarHoldsForTheAnswerAndNotForTheReasoning() {
        try (LlamaChat chat = LlamaChat.of(engine)) {
            ChatReply reply = chat.send(
                            "What is 47 + 85?",
                            greedy().grammar("root ::= \"<\" [0-9]{3} \">\"").build())
                    .await()
                    .reply();
            assertThat(reply.reasoning()).contains("carry");
            assertThat(reply.content()).matches("<[0-9]{3}>");
            ChatReply quick = chat.send(
                            "What is 47 + 85?",
                            greedy().reasoning(Reasoning.off())
                                    .grammar("root ::= \"yes\" | \"no\"")
                                    .build())
                    .await()
                    .reply();
            assertThat(quick.content()).isIn("yes", "no");
        }
    }

    @Test
    void anAnswerThatEndsTooSoonIsNoValue() {
        try (LlamaChat chat = chat()) {
            ChatOptions few = greedy().reasoning(Reasoning.off()).maxTokens(2).build();
            assertThatThrownBy(() -> chat.ask(Answer.class, "What is 47 + 85?", few))
                    .isInstanceOf(StructuredOutputException.class)
                    .hasMessageContaining("ended before");
        }
    }

    @Test
    void withoutABindingNothingIsAsked() {
        try (LlamaChat chat = LlamaChat.of(engine)) {
            assertThatThrownBy(() -> chat.ask(Answer.class, "What is 47 + 85?"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("panllama-json");
            assertThat(chat.messages()).isEmpty();
        }
    }

    @Test
    void aSchemaAndAGrammarTogetherAreRefused() {
        assertThatThrownBy(() -> ChatOptions.builder()
                        .responseSchema(SCHEMA)
                        .grammar("root ::= \"x\"")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not both");
        assertThatThrownBy(() -> ChatOptions.builder().grammar(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> ChatOptions.builder().responseSchema("{\"type\": "))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
