package io.github.panllama.internal;

import java.util.Map;
import java.util.Optional;

/**
 * The fields of an object of a JSON text. One that is {@code null} counts as missing.
 *
 * @param name what the object is, for messages
 * @param map the fields
 */
public record JsonFields(String name, Map<?, ?> map) {
    /** The field, if it is there. */
    public Optional<JsonNode> find(String field) {
        return Optional.ofNullable((JsonNode) map.get(field)).filter(node -> !node.isNull());
    }

    /** The text of the field, if it is there. */
    public Optional<String> text(String field) {
        return find(field).map(node -> node.text(field));
    }

    /** The field, or an exception. */
    public JsonNode get(String field) {
        return find(field).orElseThrow(() -> new JsonException("%s has no field %s".formatted(name, field)));
    }
}
