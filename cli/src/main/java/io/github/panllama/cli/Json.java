package io.github.panllama.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON (RFC 8259) on one line: maps, lists, strings, numbers, booleans, null. */
public final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    /**
     * A value as JSON.
     *
     * @throws IllegalArgumentException for an object of another kind
     */
    public static String write(@Nullable Object value) {
        Json json = new Json();
        json.value(value);
        return json.text.toString();
    }

    private void value(@Nullable Object value) {
        switch (value) {
            case null -> text.append("null");
            case String string -> string(string);
            case Boolean bool -> text.append(bool);
            // JSON has no number for these.
            case Double number when !Double.isFinite(number) -> string(number.toString());
            case Float number when !Float.isFinite(number) -> string(number.toString());
            case Number number -> text.append(number);
            case Map<?, ?> map -> object(map);
            case List<?> list -> array(list);
            default -> throw new IllegalArgumentException("No JSON for " + value.getClass());
        }
    }

    private void object(Map<?, ?> map) {
        text.append('{');
        String comma = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(comma);
            string(String.valueOf(entry.getKey()));
            text.append(": ");
            value(entry.getValue());
            comma = ", ";
        }
        text.append('}');
    }

    private void array(List<?> list) {
        text.append('[');
        String comma = "";
        for (Object element : list) {
            text.append(comma);
            value(element);
            comma = ", ";
        }
        text.append(']');
    }

    private void string(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (isPrintable(string, i)) {
                        text.append(c);
                    } else {
                        text.append("\\u%04x".formatted((int) c));
                    }
                }
            }
        }
        text.append('"');
    }

    /** Not a control, of which DEL and C1 steer terminals too, nor a lone surrogate, which UTF-8 cannot hold. */
    private static boolean isPrintable(String string, int index) {
        char c = string.charAt(index);
        if (!Character.isSurrogate(c)) {
            return !Character.isISOControl(c);
        }
        return Character.isHighSurrogate(c)
                ? index + 1 < string.length() && Character.isLowSurrogate(string.charAt(index + 1))
                : index > 0 && Character.isHighSurrogate(string.charAt(index - 1));
    }
}
