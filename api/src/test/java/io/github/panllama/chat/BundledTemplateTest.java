package io.github.panllama.chat;

import static io.github.panllama.chat.ChatMessage.assistant;
import static io.github.panllama.chat.ChatMessage.system;
import static io.github.panllama.chat.ChatMessage.toolResult;
import static io.github.panllama.chat.ChatMessage.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bundled models' format, byte for byte: what they were trained on is what they are given. */
class BundledTemplateTest {
    private static final String BOS = SyntheticVocabulary.BOS;
    private static final String EOS = "<｜end▁of▁sentence｜>";
    private static final String THINK = "<｜Assistant｜><think>";
    private static final String ANSWER = "<｜Assistant｜><think></think>";
    private static final String CALL = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>calculator<｜tool▁sep｜>"
            + "{\"expression\": \"23 * 47\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
    private static final String TOOLS = "Tools:\ncalculator(expression): Works out an arithmetic expression.\n";
    private static final ChatTool CALCULATOR = new ChatTool(
            "calculator",
            "Works out an arithmetic expression.",
            "{\"type\": \"object\", \"properties\": {\"expression\": {\"type\": \"string\"}}, \"required\": [\"expression\"]}");

    private static LlamaModel model;
    private static ChatTemplate template;

    @BeforeAll
    static void load() throws IOException {
        model = ChatModels.load();
        template = ChatTemplate.of(model, ChatModels.bundledTemplate());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ChatTemplateOptions.Builder options() {
        return ChatTemplateOptions.builder();
    }

    private static String render(ChatTemplateOptions.Builder options, ChatMessage... messages) {
        // The random model adds its first token by itself, so the text lacks it; it is put back to compare all.
        return BOS + template.render(List.of(messages), options.build()).text();
    }

    @Test
    void questionsBeginWithTheSystemsWordsIfThereAreAny() {
        assertThat(render(options(), user("Hi"))).isEqualTo(BOS + "<｜User｜>Hi" + THINK);
        assertThat(render(options(), system("Be kind."), user("Hi"))).isEqualTo(BOS + "Be kind.<｜User｜>Hi" + THINK);
    }

    @Test
    void withoutThinkingTheReplyBeginsAfterIt() {
        assertThat(render(options().thinking(false), user("Hi"))).isEqualTo(BOS + "<｜User｜>Hi" + ANSWER);
        assertThat(render(options().generationPrompt(false), user("Hi"))).isEqualTo(BOS + "<｜User｜>Hi");
    }

    @Test
    void reasoningOfEarlierTurnsIsDropped() {
        String expected = BOS + "<｜User｜>47 + 85?" + ANSWER + "132" + EOS + "<｜User｜>Hi" + THINK;
        ChatMessage thoughtful = new ChatReply("132", "ones 7+5=12 carry 1", List.of()).toMessage();
        assertThat(render(options(), user("47 + 85?"), thoughtful, user("Hi"))).isEqualTo(expected);
        assertThat(render(options(), user("47 + 85?"), assistant("<think>ones 7+5</think>132"), user("Hi")))
                .isEqualTo(expected);
    }

    @Test
    void toolsAreListedAndTheirCallsAndResultsWrittenDown() {
        assertThat(render(options().tools(List.of(CALCULATOR)), user("Hi")))
                .isEqualTo(BOS + TOOLS + "<｜User｜>Hi" + THINK);
        ToolCall call = new ToolCall("1", "calculator", "{\"expression\":\"23 * 47\"}");
        ChatMessage called = new ChatReply("", "", List.of(call)).toMessage();
        String begin = BOS + "Be kind.\n\n" + TOOLS + "<｜User｜>23 * 47?" + ANSWER + CALL + EOS
                + "<｜tool▁output▁begin｜>1081<｜tool▁output▁end｜>";
        assertThat(render(
                        options().tools(List.of(CALCULATOR)),
                        system("Be kind."),
                        user("23 * 47?"),
                        called,
                        toolResult(call, "1081")))
                .isEqualTo(begin + THINK);
        assertThat(render(
                        options().tools(List.of(CALCULATOR)).thinking(false),
                        system("Be kind."),
                        user("23 * 47?"),
                        called,
                        toolResult(call, "1081"),
                        assistant("It is 1081."),
                        user("Thanks")))
                .isEqualTo(begin + ANSWER + "It is 1081." + EOS + "<｜User｜>Thanks" + ANSWER);
    }

    @Test
    void repliesAreTakenApart() {
        ChatPrompt prompt = template.render(List.of(user("47 + 85?")));
        assertThat(prompt.replyBegin()).isEqualTo(THINK);
        assertThat(prompt.reasoningBegin()).isEqualTo("<think>");
        assertThat(prompt.reasoningEnds()).containsExactly("</think>");
        assertThat(prompt.parse("ones 7+5=12 carry 1</think>132"))
                .isEqualTo(new ChatReply("132", "ones 7+5=12 carry 1", List.of()));
        assertThat(prompt.parse("</think>Paris")).isEqualTo(new ChatReply("Paris", "", List.of()));
        ChatPrompt quick = template.render(
                List.of(user("47 + 85?")), options().thinking(false).build());
        assertThat(quick.parse("132")).isEqualTo(new ChatReply("132", "", List.of()));
        assertThat(quick.parse("")).isEqualTo(new ChatReply("", "", List.of()));
    }

    @Test
    void toolCallsAreTakenApart() {
        for (boolean thinking : new boolean[] {true, false}) {
            ChatPrompt prompt = template.render(
                    List.of(user("23 * 47?")),
                    options().tools(List.of(CALCULATOR)).thinking(thinking).build());
            ChatReply reply = prompt.parse((thinking ? "</think>" : "") + CALL);
            assertThat(reply.content()).isEmpty();
            assertThat(reply.reasoning()).isEmpty();
            assertThat(reply.toolCalls()).singleElement().satisfies(call -> {
                assertThat(call.name()).isEqualTo("calculator");
                assertThat(call.arguments()).isEqualTo("{\"expression\": \"23 * 47\"}");
            });
            assertThat(prompt.toolGrammar()).contains("root ::=").contains("calculator");
            assertThat(prompt.parse((thinking ? "</think>" : "") + "1081").content())
                    .isEqualTo("1081");
        }
    }

    @Test
    void aReplyThatIsCutShortInAToolCallIsRefused() {
        String begin = "</think>Let me see.";
        ChatPrompt prompt = template.render(
                List.of(user("23 * 47?")), options().tools(List.of(CALCULATOR)).build());
        assertThat(prompt.parse(begin + CALL).toolCalls()).hasSize(1);
        // The first mark is one token, which a reply has or has not.
        for (int end = "<｜tool▁calls▁begin｜>".length(); end < CALL.length(); end++) {
            String cut = begin + CALL.substring(0, end);
            ReplyStream stream = prompt.newReplyStream();
            stream.append(cut);
            assertThatThrownBy(stream::finish)
                    .as(cut)
                    .isInstanceOfSatisfying(
                            ChatParseException.class, e -> assertThat(e.reply()).isEqualTo(cut))
                    .hasMessageContaining("ends in the middle of a tool call");
            assertThat(stream.reply().content()).isEqualTo("Let me see.");
            assertThatThrownBy(() -> prompt.parse(cut)).isInstanceOf(ChatParseException.class);
        }
    }

    @Test
    void aReplyThatIsCutShortElsewhereIsAnswered() {
        for (ToolChoice choice : ToolChoice.values()) {
            ChatPrompt prompt = template.render(
                    List.of(user("23 * 47?")),
                    options().tools(List.of(CALCULATOR)).toolChoice(choice).build());
            ReplyStream stream = prompt.newReplyStream();
            stream.append("20*47=940 and");
            stream.finish();
            assertThat(stream.reply()).isEqualTo(new ChatReply("", "20*47=940 and", List.of()));
            stream = prompt.newReplyStream();
            stream.append("easy</think>It is 3 ");
            stream.finish();
            assertThat(stream.reply()).isEqualTo(new ChatReply("It is 3 ", "easy", List.of()));
            stream = prompt.newReplyStream();
            stream.append("easy</think>It is 3 <");
            stream.finish();
            assertThat(stream.reply().content()).startsWith("It is 3");
        }
    }

    @Test
    void aReplyInPiecesIsTheReplyAsAWhole() {
        ChatPrompt prompt = template.render(List.of(user("47 + 85?")));
        String reply = "ones 7+5=12 < 20 carry 1</think>132 é😀 <b>";
        for (int split = 0; split <= reply.length(); split++) {
            ReplyStream stream = prompt.newReplyStream();
            List<ReplyStream.Delta> deltas = List.of(
                    stream.append(reply.substring(0, split)), stream.append(reply.substring(split)), stream.finish());
            assertThat(String.join(
                            "",
                            deltas.stream().map(ReplyStream.Delta::reasoning).toList()))
                    .isEqualTo("ones 7+5=12 < 20 carry 1");
            String content = String.join(
                    "", deltas.stream().map(ReplyStream.Delta::content).toList());
            boolean halvesACharacter = split < reply.length() && Character.isLowSurrogate(reply.charAt(split));
            assertThat(content).isEqualTo(halvesACharacter ? content : "132 é😀 <b>");
            assertThat(stream.reply().content()).isEqualTo("132 é😀 <b>");
            assertThat(stream.text()).isEqualTo(reply);
        }
    }

    @Test
    void aReplyInTokensIsTheReplyAsAWhole() {
        ChatPrompt prompt = template.render(List.of(user("47 + 85?")));
        String reply = "ones 7+5=12</think>132 é😀 <b>";
        ReplyStream stream = prompt.newReplyStream();
        StringBuilder reasoning = new StringBuilder();
        StringBuilder content = new StringBuilder();
        for (int token : model.tokenizer().encode(reply, false, true)) {
            ReplyStream.Delta delta = stream.append(token);
            assertThat(delta.content()).doesNotContain("\ufffd");
            reasoning.append(delta.reasoning());
            content.append(delta.content());
        }
        content.append(stream.finish().content());
        assertThat(reasoning.toString()).isEqualTo("ones 7+5=12");
        assertThat(content.toString()).isEqualTo("132 é😀 <b>");
        assertThat(stream.reply()).isEqualTo(new ChatReply("132 é😀 <b>", "ones 7+5=12", List.of()));
    }
}
