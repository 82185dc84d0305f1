package io.github.panllama.internal;

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
public record JsonNode(@Nullable Object value, String source) {
    /** Whether it is {@code null}. */
    public boolean isNull() {
        return value == null;
    }

    /** Its text, or an exception that says what it should be. */
    public String text(String what) {
        if (value instanceof String text) {
            return text;
        }
        throw wrong(what, "a string");
    }

    /** Its truth, or an exception. */
    public boolean truth(String what) {
        if (value instanceof Boolean truth) {
            return truth;
        }
        throw wrong(what, "true or false");
    }

    /** Its number, or an exception where that is not a whole one. */
    public int integer(String what) {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw wrong(what, "a whole number");
    }

    /** Its elements, or an exception. */
    public List<JsonNode> list(String what) {
        if (value instanceof List<?> list) {
            return list.stream().map(JsonNode.class::cast).toList();
        }
        throw wrong(what, "a list");
    }

    /** Its fields, or an exception. */
    public JsonFields fields(String what) {
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
