package io.github.panllama.chat;

import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A turn that is answered with a value. */
final class StructuredTurn {
    private StructuredTurn() {}

    static Object ask(LlamaChat chat, Type type, String question, ChatOptions options) {
        Objects.requireNonNull(question, "question");
        Objects.requireNonNull(options, "options");
        JsonBinding binding = chat.binding();
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

    /** What a binding has read, if it is what was asked for. */
    static <T> T cast(Class<T> type, @Nullable Object value) {
        @SuppressWarnings("unchecked") // of a primitive type, which a reference cannot have
        Class<T> wrapped = (Class<T>) MethodType.methodType(type).wrap().returnType();
        if (!wrapped.isInstance(value)) {
            throw new IllegalStateException("The JsonBinding has read %s, must be of %s"
                    .formatted(value == null ? "null" : value.getClass(), wrapped));
        }
        return wrapped.cast(value);
    }

    static <T> List<T> list(Class<T> type, Object value) {
        return ((List<?>) cast(List.class, value))
                .stream().map(element -> cast(type, element)).toList();
    }
}
