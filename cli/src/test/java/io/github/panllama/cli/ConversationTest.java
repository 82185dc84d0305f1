package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ReplyStream;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConversationTest {
    private LlamaModel model;
    private Conversation conversation;

    @BeforeEach
    void open() {
        model = LlamaModel.load(TestModels.llama());
        conversation = newConversation();
    }

    @AfterEach
    void close() {
        conversation.close();
        model.close();
    }

    private Conversation newConversation() {
        return new Conversation(
                model, ContextOptions.builder().contextSize(512).threads(1).build(), List.of());
    }

    private Turn ask(Conversation whom, String question, Consumer<ReplyStream.Delta> onDelta) {
        return whom.ask(question, ChatTemplateOptions.defaults(), SamplingOptions.greedy(), 20, onDelta);
    }

    @Test
    void aStoppedAnswerStaysAsFarAsItCameAndTheNextQuestionIsAnswered() {
        int[] heard = {0};
        Turn stopped = ask(conversation, "Hi", delta -> {
            if (++heard[0] == 5) {
                conversation.stop();
            }
        });
        assertThat(stopped.finishReason()).isEqualTo("stopped");
        assertThat(stopped.generatedTokens()).isEqualTo(5);

        Turn next = ask(conversation, "And now?", delta -> {});
        assertThat(next.finishReason()).isEqualTo("length");
        assertThat(next.reusedTokens()).isGreaterThanOrEqualTo(stopped.promptTokens() - 1);
        try (Conversation other = newConversation()) {
            int[] again = {0};
            ask(other, "Hi", delta -> {
                if (++again[0] == 5) {
                    other.stop();
                }
            });
            assertThat(ask(other, "And now?", delta -> {}).reply()).isEqualTo(next.reply());
        }
    }

    @Test
    void aStopThatComesAfterTheAnswerDoesNotTouchTheNextOne() {
        Turn first = ask(conversation, "Hi", delta -> {});
        conversation.stop();
        conversation.clear();
        Turn second = ask(conversation, "Hi", delta -> {});
        assertThat(second.reply()).isEqualTo(first.reply());
        assertThat(second.finishReason()).isEqualTo(first.finishReason());
    }
}
