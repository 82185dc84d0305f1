package io.github.panllama.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads JSON (RFC 8259), one value that fills the text. Here so that the API depends on nothing. */
public final class JsonParser {
    private static final int MAX_DEPTH = 100;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{4}");
    private static final Pattern WORD = Pattern.compile("true|false|null");

    private final String text;
    private int at;
    private int depth;

    private JsonParser(String text) {
        this.text = text;
    }

    /**
     * Reads a text.
     *
     * @throws JsonException if it is no JSON, nests too deep, or has an object with two fields of a name
     */
    public static JsonNode parse(String text) {
        JsonParser parser = new JsonParser(text);
        JsonNode node = parser.value();
        parser.skipSpace();
        if (parser.at < text.length()) {
            throw parser.unexpected("the end");
        }
        return node;
    }

    private JsonNode value() {
        skipSpace();
        int start = at;
        Object value = switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't', 'f', 'n' -> word();
            default -> Double.valueOf(match(NUMBER, "a value"));
        };
        return new JsonNode(value, text.substring(start, at));
    }

    private Map<String, JsonNode> object() {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        enter();
        if (!skip('}')) {
            do {
                skipSpace();
                String name = string();
                expect(':');
                if (fields.put(name, value()) != null) {
                    throw new JsonException("the field %s is there twice".formatted(name));
                }
            } while (skip(','));
            expect('}');
        }
        depth--;
        return fields;
    }

    private List<JsonNode> array() {
        List<JsonNode> elements = new ArrayList<>();
        enter();
        if (!skip(']')) {
            do {
                elements.add(value());
            } while (skip(','));
            expect(']');
        }
        depth--;
        return elements;
    }

    private void enter() {
        at++;
        if (++depth > MAX_DEPTH) {
            throw new JsonException("it nests deeper than " + MAX_DEPTH);
        }
    }

    private String string() {
        if (peek() != '"') {
            throw unexpected("a string");
        }
        at++;
        StringBuilder string = new StringBuilder();
        while (true) {
            char c = peek();
            if (c == '"') {
                at++;
                return string.toString();
            }
            if (c < ' ') {
                throw unexpected("the end of a string");
            }
            at++;
            string.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) Integer.parseInt(match(HEX, "four hexadecimal digits"), 16);
            default -> {
                at--;
                throw unexpected("an escape");
            }
        };
    }

    private @Nullable Object word() {
        String word = match(WORD, "a value");
        return word.equals("null") ? null : (Object) word.equals("true");
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
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** The next character; NUL, which no JSON begins anything with, at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private JsonException unexpected(String expected) {
        return new JsonException(
                at >= text.length()
                        ? "it ends where %s should be".formatted(expected)
                        : "no JSON at column %d: %s should be there".formatted(at + 1, expected));
    }
}
