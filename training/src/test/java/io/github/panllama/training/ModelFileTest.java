package io.github.panllama.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatReply;
import io.github.panllama.chat.ChatRole;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.ToolCall;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.training.corpus.ChatFormat;
import io.github.panllama.training.corpus.Conversation;
import io.github.panllama.training.corpus.Corpus;
import io.github.panllama.training.corpus.Message;
import io.github.panllama.training.corpus.Segment;
import io.github.panllama.training.transformer.Parameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What llama.cpp makes of the file's tokenizer and template is what the model was trained on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelFileTest {
    private static final int CONVERSATIONS = 400;

    private static final ChatTool CALCULATOR = new ChatTool(
            "calculator",
            "Works out an arithmetic expression.",
            "{\"type\": \"object\", \"properties\": {\"expression\": {\"type\": \"string\"}},"
                    + " \"required\": [\"expression\"]}");

    private final Recipe recipe = Recipe.named("tiny");
    private final Lessons lessons = new Lessons(1, recipe);

    private LlamaModel model;

    @BeforeAll
    void write(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("untrained.gguf");
        ModelFile.write(
                file, GgmlType.Q8_0, recipe, new Parameters(recipe.shape()), lessons.vocabulary(), Map.of("seed", "1"));
        model = LlamaModel.load(file);
    }

    @AfterAll
    void close() {
        model.close();
    }

    private static Stream<Conversation> conversations() {
        Corpus corpus = Corpus.of(1);
        SplittableRandom random = new SplittableRandom(5);
        return Stream.generate(() -> corpus.next(random)).limit(CONVERSATIONS);
    }

    @Test
    void theTokensAreThoseOfTheTraining() {
        conversations().forEach(conversation -> {
            List<Integer> expected = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            for (Segment segment : ChatFormat.segments(conversation)) {
                text.append(segment.text());
                expected.addAll(
                        segment.special()
                                ? List.of(lessons.vocabulary().specialId(segment.text()))
                                : lessons.vocabulary().encode(segment.text()));
            }
            assertThat(model.tokenizer().encode(text.toString(), false, true))
                    .containsExactly(
                            expected.stream().mapToInt(Integer::intValue).toArray());
        });
    }

    @Test
    void theTemplateWritesThePromptsOfTheTraining() {
        ChatTemplate template = ChatTemplate.of(model);
        conversations()
                .forEach(conversation ->
                        assertThat(prompt(template, conversation).text()).isEqualTo(ChatFormat.prompt(conversation)));
    }

    @Test
    void theAnswersOfTheTrainingAreParsed() {
        ChatTemplate template = ChatTemplate.of(model);
        conversations().forEach(conversation -> {
            String answer = ChatFormat.answer(conversation);
            ChatReply reply = prompt(template, conversation)
                    .parse(answer.substring(0, answer.length() - ChatFormat.END.length()));
            assertThat(reply.content()).isEqualTo(conversation.reply().content());
            assertThat(reply.reasoning()).isEqualTo(conversation.reasoning());
            assertThat(reply.toolCalls().stream().map(call -> call.name() + call.arguments()))
                    .containsExactlyElementsOf(conversation.reply().toolCalls().stream()
                            .map(call -> call.name() + call.arguments())
                            .toList());
        });
    }

    private static ChatPrompt prompt(ChatTemplate template, Conversation conversation) {
        List<ChatMessage> messages = new ArrayList<>();
        if (conversation.system() != null) {
            messages.add(ChatMessage.system(conversation.system()));
        }
        conversation.messages().forEach(message -> messages.add(message(message)));
        return template.render(
                messages,
                ChatTemplateOptions.builder()
                        .thinking(conversation.thinking())
                        .tools(conversation.tools() ? List.of(CALCULATOR) : List.of())
                        .build());
    }

    private static ChatMessage message(Message message) {
        List<ToolCall> calls = message.toolCalls().stream()
                .map(call -> new ToolCall("", call.name(), call.arguments()))
                .toList();
        return switch (message.role()) {
            case USER -> ChatMessage.user(message.content());
            case ASSISTANT -> new ChatMessage(ChatRole.ASSISTANT, message.content(), "", calls, "", "");
            case TOOL -> new ChatMessage(ChatRole.TOOL, message.content(), "", List.of(), "", "calculator");
        };
    }
}
