package io.github.panllama.bench.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads back what {@link io.github.panllama.cli.Json} has written: maps, lists, strings, numbers (a {@link Long} or a
 * {@link Double}), booleans, {@code null}.
 */
final class JsonText {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern WORD = Pattern.compile("true|false|null");

    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /**
     * An object.
     *
     * @throws IllegalArgumentException if the text is none
     */
    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> object(String text) {
        JsonText json = new JsonText(text);
        Object value = json.value();
        json.skipSpace();
        if (!(value instanceof Map<?, ?>) || json.at < text.length()) {
            throw json.unexpected("one object");
        }
        return (Map<String, @Nullable Object>) value;
    }

    private @Nullable Object value() {
        skipSpace();
        return switch (peek()) {
            case '{' -> map();
            case '[' -> list();
            case '"' -> string();
            case 't', 'f', 'n' -> word();
            default -> number();
        };
    }

    private Map<String, @Nullable Object> map() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        at++;
        if (!skip('}')) {
            do {
                skipSpace();
                String name = string();
                expect(':');
                map.put(name, value());
            } while (skip(','));
            expect('}');
        }
        return map;
    }

    private List<@Nullable Object> list() {
        List<@Nullable Object> list = new ArrayList<>();
        at++;
        if (!skip(']')) {
            do {
                list.add(value());
            } while (skip(','));
            expect(']');
        }
        return list;
    }

    private String string() {
        if (peek() != '"') {
            throw unexpected("a string");
        }
        at++;
        StringBuilder string = new StringBuilder();
        for (char c = peek(); c != '"'; c = peek()) {
            at++;
            string.append(c == '\\' ? escape() : c);
        }
        at++;
        return string.toString();
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw unexpected("an escape");
        };
    }

    private char unicode() {
        if (at + 4 > text.length()) {
            throw unexpected("four digits");
        }
        int code = Integer.parseInt(text, at, at + 4, 16);
        at += 4;
        return (char) code;
    }

    private @Nullable Object word() {
        String word = match(WORD, "a value");
        return word.equals("null") ? null : (Object) word.equals("true");
    }

    private Number number() {
        String number = match(NUMBER, "a value");
        return number.matches("-?[0-9]{1,18}") ? (Number) Long.valueOf(number) : (Number) Double.valueOf(number);
    }

    private String match(Pattern pattern, String what) {
        Matcher matcher = pattern.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) {
            throw unexpected(what);
        }
        at = matcher.end();
        return matcher.group();
    }

    private boolean skip(char c) {
        skipSpace();
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw unexpected("'" + c + "'");
        }
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw unexpected("more");
        }
        return text.charAt(at);
    }

    private IllegalArgumentException unexpected(String wanted) {
        return new IllegalArgumentException("at character %d: must be %s".formatted(at, wanted));
    }
}
