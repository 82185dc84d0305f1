package io.github.panllama.chat;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.tinymodel.TinyModel;
import java.util.ArrayList;
import java.util.List;

/** The bundled model, and chats with it whose answers are always the same. */
final class ChatFixture {
    static final ChatTool CALCULATOR = new ChatTool("calculator", "Works out an arithmetic expression.", """
            {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}""");

    private ChatFixture() {}

    static LlamaModel model() {
        return LlamaModel.load(
                TinyModel.path(), ModelOptions.builder().gpuLayers(0).build());
    }

    static LlamaEngine engine(LlamaModel model) {
        return LlamaEngine.start(model, engineOptions().build());
    }

    /** Nothing is chosen by measuring, since that changes the last bits. */
    static EngineOptions.Builder engineOptions() {
        return EngineOptions.builder().sequences(4).contextSize(4096).context(ChatFixture::fixed);
    }

    private static void fixed(ContextOptions.Builder context) {
        context.threads(1).offloadOperations(false).flashAttention(FlashAttention.DISABLED);
    }

    static ChatOptions.Builder greedy() {
        return ChatOptions.builder().sampling(SamplingOptions.greedy()).maxTokens(400);
    }

    static LlamaChat chat(LlamaEngine engine, ChatOptions.Builder options) {
        return LlamaChat.builder(engine).options(options.build()).build();
    }

    /** What an engine that has computed nothing answers after these messages. */
    static ChatReply fresh(LlamaModel model, List<ChatMessage> messages, ChatOptions options) {
        try (LlamaEngine engine = engine(model);
                LlamaChat chat = LlamaChat.builder(engine)
                        .messages(messages)
                        .options(options)
                        .build()) {
            ChatResult result = chat.regenerate().await();
            if (result.rounds().size() != 1 || result.usage().cachedTokens() != 0) {
                throw new AssertionError("not fresh: " + result);
            }
            return result.reply();
        }
    }

    static List<ChatEvent> events(ChatTurn turn) {
        List<ChatEvent> events = new ArrayList<>();
        turn.forEach(events::add);
        return events;
    }

    /** What a turn's events say of its content. */
    static String content(List<ChatEvent> events) {
        StringBuilder content = new StringBuilder();
        for (ChatEvent event : events) {
            if (event instanceof ChatEvent.Content(String text)) {
                content.append(text);
            }
        }
        return content.toString();
    }

    /** What a turn's events say of its reasoning. */
    static String reasoning(List<ChatEvent> events) {
        StringBuilder reasoning = new StringBuilder();
        for (ChatEvent event : events) {
            if (event instanceof ChatEvent.Reasoning(String text)) {
                reasoning.append(text);
            }
        }
        return reasoning.toString();
    }
}
