package io.github.panllama.evaluation;

import java.util.Map;
import java.util.Optional;

/**
 * The fields of an object of a JSON text. One that is {@code null} counts as missing.
 *
 * @param name what the object is, for messages
 * @param map the fields
 */
record JsonFields(String name, Map<?, ?> map) {
    Optional<JsonNode> find(String field) {
        return Optional.ofNullable((JsonNode) map.get(field)).filter(node -> !node.isNull());
    }

    Optional<String> text(String field) {
        return find(field).map(node -> node.text(field));
    }

    JsonNode get(String field) {
        return find(field).orElseThrow(() -> new JsonException("%s has no field %s".formatted(name, field)));
    }
}
