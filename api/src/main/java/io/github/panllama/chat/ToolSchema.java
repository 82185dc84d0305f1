package io.github.panllama.chat;

import io.github.panllama.internal.JsonException;
import io.github.panllama.internal.JsonNode;
import io.github.panllama.internal.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is checked of a tool's JSON schema before native code makes a grammar of it. That recurses with whatever lies in
 * one another or refers to one another, with the properties of an object and with the letters of a name, and writes out
 * what is given in short. Whether a schema is right is left to native code; here only how much it would take counts.
 */
final class ToolSchema {
    private static final int MAX_LENGTH = 1 << 18;

    /** Schemas in schemas, references followed. The stack of a thread holds more than 500. */
    static final int MAX_DEPTH = 256;

    /** Schemas in all, as often as native code makes them. */
    private static final int MAX_SCHEMAS = 10_000;

    private static final int MAX_REFERENCES = 1_000;

    /** Of one object, which are merged into a chain. The time that takes grows with the third power. */
    private static final int MAX_PROPERTIES = 512;

    private static final int MAX_NAME = 256;

    private static final int MAX_REFERENCE_LENGTH = 512;

    private static final String LEVELS = "schemas in one another, references followed";

    private final JsonNode root;
    private final Map<String, SchemaPart> parts = new LinkedHashMap<>();
    private final Deque<String> waiting = new ArrayDeque<>();
    private long schemas;

    private ToolSchema(JsonNode root) {
        this.root = root;
    }

    /** Answers the schema, or refuses it. */
    static String check(String what, String schema) {
        Limits.json(what, schema);
        if (schema.length() > MAX_LENGTH) {
            throw refusal(what, "has %d characters, at most %d are allowed".formatted(schema.length(), MAX_LENGTH));
        }
        try {
            // As C gets it: a lone surrogate is a question mark, to which a reference may refer.
            String seen = new String(schema.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
            new ToolSchema(JsonParser.parse(seen)).check();
        } catch (JsonException e) {
            throw refusal(what, String.valueOf(e.getMessage()));
        }
        return schema;
    }

    private static IllegalArgumentException refusal(String what, String reason) {
        return new IllegalArgumentException("The JSON schema %s cannot be used: %s".formatted(what, reason));
    }

    private void check() {
        SchemaPart whole = part(root);
        while (!waiting.isEmpty()) {
            String reference = waiting.remove();
            checkCircle(reference);
            JsonNode target = SchemaReference.resolve(root, reference);
            parts.put(reference, target == null ? new SchemaPart() : part(target));
            bound("references", parts.size(), MAX_REFERENCES);
        }
        int depth = whole.depth() + SchemaPart.deepest(whole, parts);
        bound(LEVELS, depth, MAX_DEPTH);
    }

    private static void bound(String what, long count, int most) {
        if (count > most) {
            throw new JsonException("it has %d %s, at most %d are allowed".formatted(count, what, most));
        }
    }

    private SchemaPart part(JsonNode schema) {
        SchemaPart part = new SchemaPart();
        visit(schema, part, 1, 1);
        return part;
    }

    private void visit(JsonNode schema, SchemaPart part, int depth, long times) {
        if (!(schema.value() instanceof Map<?, ?> fields)) {
            return;
        }
        // {"type": ["a", "b"], …} is written out as one schema for each type.
        boolean manyTypes = fields.get("type") instanceof JsonNode(List<?> _, String _);
        long written =
                manyTypes ? times * Math.max(1, elements(fields.get("type")).count()) : times;
        int level = manyTypes ? depth + 1 : depth;
        part.reach(level);
        schemas += manyTypes ? times + written : times;
        bound("schemas, each as often as it is written out", schemas, MAX_SCHEMAS);
        String reference = SchemaReference.of(fields);
        if (reference != null) {
            follow(reference, part);
        }
        checkProperties(fields);
        inside(fields).forEach(child -> visit(child, part, level + 1, written));
    }

    private void follow(String reference, SchemaPart part) {
        if (reference.length() > MAX_REFERENCE_LENGTH) {
            throw new JsonException("$ref \"%s…\" has %d characters, at most %d are allowed"
                    .formatted(reference.substring(0, 40), reference.length(), MAX_REFERENCE_LENGTH));
        }
        part.references().add(reference);
        if (!parts.containsKey(reference)) {
            parts.put(reference, new SchemaPart());
            waiting.add(reference);
        }
    }

    /** Native code looks through references to references without an end. */
    private void checkCircle(String reference) {
        Set<String> seen = new HashSet<>();
        String next = reference;
        while (next != null) {
            bound(LEVELS, seen.size(), MAX_DEPTH);
            if (!seen.add(next)) {
                throw new JsonException("$ref \"%s\" refers to itself".formatted(reference));
            }
            JsonNode target = SchemaReference.resolve(root, next);
            next = target != null && target.value() instanceof Map<?, ?> fields ? SchemaReference.of(fields) : null;
        }
    }

    private void checkProperties(Map<?, ?> fields) {
        names(fields).forEach(name -> {
            if (name.length() > MAX_NAME) {
                throw new JsonException("the name of the property \"%s…\" has %d characters, at most %d are allowed"
                        .formatted(name.substring(0, 40), name.length(), MAX_NAME));
            }
        });
        // What allOf names is merged into one object.
        long merged = elements(fields.get("allOf"))
                .flatMap(ToolSchema::alternatives)
                .mapToLong(child -> names(SchemaReference.target(root, child)).count())
                .sum();
        bound("properties in one object", Math.max(names(fields).count(), merged), MAX_PROPERTIES);
    }

    private static Stream<JsonNode> alternatives(JsonNode schema) {
        if (!(schema.value() instanceof Map<?, ?> fields)) {
            return Stream.empty();
        }
        return Stream.concat(
                Stream.of(schema), Stream.concat(elements(fields.get("anyOf")), elements(fields.get("oneOf"))));
    }

    private static Stream<String> names(@Nullable Map<?, ?> fields) {
        return fields != null && fields.get("properties") instanceof JsonNode(Map<?, ?> properties, String _)
                ? properties.keySet().stream().map(String.class::cast)
                : Stream.empty();
    }

    /** The schemas that lie right in one. */
    private static Stream<JsonNode> inside(Map<?, ?> fields) {
        Stream<JsonNode> named = fields.get("properties") instanceof JsonNode(Map<?, ?> properties, String _)
                ? properties.values().stream().map(JsonNode.class::cast)
                : Stream.empty();
        Stream<JsonNode> listed =
                Stream.of("oneOf", "anyOf", "allOf", "items", "prefixItems").flatMap(key -> elements(fields.get(key)));
        Stream<JsonNode> single = Stream.of("additionalProperties", "items", "prefixItems")
                .flatMap(key -> Stream.ofNullable((JsonNode) fields.get(key)));
        return Stream.of(named, listed, single).flatMap(part -> part);
    }

    private static Stream<JsonNode> elements(@Nullable Object list) {
        return list instanceof JsonNode(List<?> elements, String _)
                ? elements.stream().map(JsonNode.class::cast)
                : Stream.empty();
    }
}
