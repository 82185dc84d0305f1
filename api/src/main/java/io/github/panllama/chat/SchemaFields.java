package io.github.panllama.chat;

import io.github.panllama.internal.JsonException;
import io.github.panllama.internal.JsonNode;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keywords of one schema, and where it stands.
 *
 * @param fields the schema
 * @param path such as {@code #/properties/name}
 */
record SchemaFields(Map<?, ?> fields, String path) {
    /** What says something to a reader and asks for nothing. */
    private static final Set<String> ANNOTATIONS = Set.of(
            "$anchor",
            "$comment",
            "$defs",
            "$id",
            "$schema",
            "$vocabulary",
            "contentEncoding",
            "contentMediaType",
            "default",
            "definitions",
            "deprecated",
            "description",
            "discriminator",
            "example",
            "examples",
            "externalDocs",
            "readOnly",
            "title",
            "writeOnly");

    private static final Set<String> ASSERTIONS = Set.of(
            "$ref",
            "additionalProperties",
            "allOf",
            "anyOf",
            "const",
            "enum",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "format",
            "items",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minLength",
            "minimum",
            "oneOf",
            "pattern",
            "prefixItems",
            "properties",
            "required",
            "type",
            "uniqueItems");

    /** What a bound may be written with; no number needs more. */
    private static final int MAX_NUMBER = 40;

    static SchemaFields of(JsonNode schema, String path) {
        if (!(schema.value() instanceof Map<?, ?> fields)) {
            throw refusal(path, "a schema must be an object");
        }
        SchemaFields made = new SchemaFields(fields, path);
        for (Object key : fields.keySet()) {
            String keyword = (String) key;
            if (!ANNOTATIONS.contains(keyword) && !ASSERTIONS.contains(keyword) && !keyword.startsWith("x-")) {
                throw made.refusal("the keyword %s cannot be held to".formatted(keyword));
            }
        }
        return made;
    }

    static IllegalArgumentException refusal(String path, String reason) {
        return new IllegalArgumentException(
                "The JSON schema cannot be made a grammar: at %s, %s".formatted(shown(path), reason));
    }

    IllegalArgumentException refusal(String reason) {
        return refusal(path, reason);
    }

    boolean has(String keyword) {
        return fields.containsKey(keyword);
    }

    /** Refuses assertions beside those named: together they would ask for more. */
    void alone(String... keywords) {
        Set<String> allowed = Set.of(keywords);
        for (Object key : fields.keySet()) {
            if (ASSERTIONS.contains((String) key) && !allowed.contains((String) key)) {
                throw refusal("the keyword %s cannot be held to beside %s".formatted(key, keywords[0]));
            }
        }
    }

    @Nullable
    JsonNode get(String keyword) {
        return (JsonNode) fields.get(keyword);
    }

    /** The elements of a list that must not be empty. */
    List<JsonNode> list(String keyword) {
        JsonNode node = get(keyword);
        if (node == null || !(node.value() instanceof List<?> list) || list.isEmpty()) {
            throw refusal("%s must be a list with something in it".formatted(keyword));
        }
        return list.stream().map(JsonNode.class::cast).toList();
    }

    String text(String keyword) {
        JsonNode node = get(keyword);
        if (node == null || !(node.value() instanceof String text)) {
            throw refusal("%s must be a string".formatted(keyword));
        }
        return text;
    }

    /** A count from 0, or what it is when it is not there. */
    int count(String keyword, int otherwise, int most) {
        JsonNode node = get(keyword);
        if (node == null) {
            return otherwise;
        }
        try {
            int count = node.integer(keyword);
            if (count < 0 || count > most) {
                throw refusal("%s is %d, must be in [0, %d]".formatted(keyword, count, most));
            }
            return count;
        } catch (JsonException e) {
            throw refusal(String.valueOf(e.getMessage()));
        }
    }

    /** A number, or {@code null}. */
    @Nullable
    BigDecimal number(String keyword) {
        JsonNode node = get(keyword);
        if (node == null) {
            return null;
        }
        if (!(node.value() instanceof Double value)) {
            throw refusal("%s must be a number".formatted(keyword));
        }
        String source = node.source();
        // Before a BigDecimal is asked for its digits: 1e999999999 has many.
        boolean zero = source.replaceFirst("[eE].*", "").chars().noneMatch(c -> c >= '1' && c <= '9');
        boolean extreme = Math.abs(value) > 1e30 || (Math.abs(value) < 1e-30 && !zero);
        if (source.length() > MAX_NUMBER || extreme) {
            throw refusal("%s is %s, which has too many digits".formatted(keyword, shown(source)));
        }
        return zero ? BigDecimal.ZERO : new BigDecimal(source);
    }

    SchemaFields with(String keyword, JsonNode value) {
        Map<Object, Object> changed = new LinkedHashMap<>(fields);
        changed.put(keyword, value);
        return new SchemaFields(changed, path);
    }

    private static String shown(String text) {
        return text.length() > 120 ? text.substring(0, 60) + "…" + text.substring(text.length() - 40) : text;
    }
}
