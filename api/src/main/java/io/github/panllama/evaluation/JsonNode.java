package io.github.panllama.evaluation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of a JSON text.
 *
 * @param value a {@code Map<String, JsonNode>}, {@code List<JsonNode>}, {@code String}, {@code Double}, {@code Boolean}
 *     or {@code null}
 * @param source how it is written
 */
record JsonNode(@Nullable Object value, String source) {
    boolean isNull() {
        return value == null;
    }

    String text(String what) {
        if (value instanceof String text) {
            return text;
        }
        throw wrong(what, "a string");
    }

    boolean truth(String what) {
        if (value instanceof Boolean truth) {
            return truth;
        }
        throw wrong(what, "true or false");
    }

    int integer(String what) {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw wrong(what, "a whole number");
    }

    List<JsonNode> list(String what) {
        if (value instanceof List<?> list) {
            return list.stream().map(JsonNode.class::cast).toList();
        }
        throw wrong(what, "a list");
    }

    JsonFields fields(String what) {
        if (value instanceof Map<?, ?> map) {
            return new JsonFields(what, map);
        }
        throw wrong(what, "an object");
    }

    private JsonException wrong(String what, String expected) {
        String shown = source.length() > 40 ? source.substring(0, 40) + "…" : source;
        return new JsonException("%s is %s, must be %s".formatted(what, shown, expected));
    }
}
