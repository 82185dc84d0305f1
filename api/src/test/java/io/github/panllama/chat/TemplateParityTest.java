package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Llama;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatRequests.ChatRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each of llama.cpp's templates renders each conversation as llama-server does, or both refuse. */
class TemplateParityTest {
    private static final List<ChatRequest> CONVERSATIONS = ChatRequests.conversations();
    private static final RecordedPrompts RECORDED = RecordedPrompts.read();

    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = ChatModels.load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    static List<Path> templates() throws IOException {
        return ChatTemplates.all();
    }

    @Test
    void whatWasRecordedIsOfThisReleaseAndComplete() throws IOException {
        assertThat(RECORDED.release()).isEqualTo(Llama.release());
        assertThat(RECORDED.conversations())
                .isEqualTo(CONVERSATIONS.stream().map(ChatRequest::name).toList())
                .hasSizeGreaterThanOrEqualTo(12);
        assertThat(RECORDED.templates().keySet())
                .containsExactlyElementsOf(templates().stream()
                        .map(file -> String.valueOf(file.getFileName()))
                        .toList())
                .hasSizeGreaterThan(60);
    }

    /** Twice, because a template that has rendered before goes a shorter way. */
    @ParameterizedTest
    @MethodSource("templates")
    void promptsAreTheServers(Path file) {
        ChatTemplate template = ChatTemplate.of(model, file);
        Map<String, String> recorded = RECORDED.of(String.valueOf(file.getFileName()));
        Map<String, String> others = new LinkedHashMap<>();
        for (ChatRequest request : CONVERSATIONS) {
            for (int round = 0; round < 2; round++) {
                String prompt = render(template, request);
                String digest = prompt.equals(RecordedPrompts.REFUSED) ? prompt : RecordedPrompts.digest(prompt);
                if (!digest.equals(recorded.get(request.name()))) {
                    others.put(request.name(), prompt);
                }
            }
        }
        assertThat(others).as("prompts that are not the server's").isEmpty();
    }

    private static String render(ChatTemplate template, ChatRequest request) {
        try {
            return request.render(template, ChatTemplateOptions.builder().time(RecordedPrompts.TIME))
                    .text();
        } catch (LlamaException e) {
            return RecordedPrompts.REFUSED;
        }
    }
}
