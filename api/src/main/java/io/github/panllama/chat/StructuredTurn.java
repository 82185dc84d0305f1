package io.github.panllama.chat;

import java.lang.reflect.Type;
import java.util.List;

/** A turn that is answered with a value. */
final class StructuredTurn {
    private StructuredTurn() {}

    static Object ask(LlamaChat chat, JsonBinding binding, Type type, String question, ChatOptions options) {
        ChatOptions structured =
                options.toBuilder().responseSchema(binding.schema(type)).build();
        ChatResult result = chat.send(question, structured).await();
        if (result.finish() != ChatFinish.STOP) {
            throw new StructuredOutputException(
                    "The answer ended before it was a value of " + type.getTypeName(),
                    result.text(),
                    new IllegalStateException("The turn ended with " + result.finish()));
        }
        return binding.read(result.text(), type);
    }

    static <T> List<T> list(Class<T> type, Object value) {
        return ((List<?>) value).stream().map(type::cast).toList();
    }
}
