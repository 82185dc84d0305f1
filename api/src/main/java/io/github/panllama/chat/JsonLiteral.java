package io.github.panllama.chat;

import io.github.panllama.internal.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** JSON values as they are written without a space. */
final class JsonLiteral {
    private JsonLiteral() {}

    static String of(JsonNode node) {
        return switch (node.value()) {
            case String text -> string(text);
            case Map<?, ?> fields ->
                fields.entrySet().stream()
                        .map(field -> string((String) field.getKey()) + ":" + of((JsonNode) field.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
            case List<?> elements ->
                elements.stream().map(element -> of((JsonNode) element)).collect(Collectors.joining(",", "[", "]"));
            case null, default -> node.source();
        };
    }

    /** A string in its quotation marks. */
    static String string(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"', '\\' -> json.append('\\').appendCodePoint(c);
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
                    if (c < ' ' || surrogate) {
                        json.append("\\u%04x".formatted(c));
                    } else {
                        json.appendCodePoint(c);
                    }
                }
            }
        });
        return json.append('"').toString();
    }
}
