package io.github.panllama.chat;

import io.github.panllama.internal.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a grammar of a JSON schema. It allows the texts that llama.cpp's own converter means to allow; that one also
 * lets some through that are no JSON or not of the schema (a pattern with a dot, a least number alone, February 30,
 * other properties beside named ones), and leaves out what it does not know.
 *
 * <p>{@link ToolSchema} has bounded the schema before: how much there is, how deep it nests, whether a reference refers
 * to itself.
 */
final class SchemaGrammar {
    private static final int MAX_ITEMS = 2000;
    private static final Set<String> OBJECT = Set.of("properties", "required", "additionalProperties");
    private static final Set<String> ARRAY = Set.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems");
    private static final Set<String> STRING = Set.of("pattern", "minLength", "maxLength", "format");
    private static final Set<String> NUMBER = Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");

    private final JsonNode root;
    private final GrammarRules rules = new GrammarRules();
    private final BasicRules basic = new BasicRules(rules);
    private final Map<String, String> references = new HashMap<>();
    private final Deque<String> waiting = new ArrayDeque<>();

    private SchemaGrammar(JsonNode root) {
        this.root = root;
    }

    /** The grammar of what a schema allows, or an exception that says why there is none. */
    static String of(JsonNode schema) {
        SchemaGrammar grammar = new SchemaGrammar(schema);
        String start = grammar.rule(schema, "#");
        while (!grammar.waiting.isEmpty()) {
            String reference = grammar.waiting.remove();
            JsonNode target = SchemaReference.resolve(schema, reference);
            if (target == null) {
                throw SchemaFields.refusal(reference, "there is nothing");
            }
            grammar.rules.define(name(grammar.references, reference), grammar.rule(target, reference));
        }
        return grammar.rules.text(start);
    }

    private static String name(Map<String, String> references, String reference) {
        return references.getOrDefault(reference, reference);
    }

    /** The name of the rule of a schema. */
    private String rule(JsonNode schema, String path) {
        return Boolean.TRUE.equals(schema.value()) ? basic.value() : rule(SchemaFields.of(schema, path));
    }

    private String rule(SchemaFields schema) {
        if (schema.has("$ref")) {
            schema.alone("$ref");
            return reference(schema.text("$ref"));
        }
        for (String keyword : List.of("anyOf", "oneOf")) {
            if (schema.has(keyword)) {
                schema.alone(keyword);
                return choice(schema, keyword);
            }
        }
        if (schema.has("allOf")) {
            return all(schema);
        }
        if (schema.has("const") || schema.has("enum")) {
            return literals(schema);
        }
        JsonNode type = schema.get("type");
        if (type != null && type.value() instanceof List<?>) {
            List<String> names = new ArrayList<>();
            schema.list("type").forEach(each -> names.add(rule(schema.with("type", each))));
            return rules.add(hint(schema.path()), String.join(" | ", new LinkedHashSet<>(names)));
        }
        return typed(schema, type == null ? inferred(schema) : schema.text("type"));
    }

    private String typed(SchemaFields schema, String type) {
        return switch (type) {
            case "object" -> object(schema);
            case "array" -> array(schema);
            case "string" -> StringGrammar.rule(schema, rules, basic, hint(schema.path()));
            case "integer", "number" -> NumberGrammar.rule(schema, rules, basic, hint(schema.path()));
            case "boolean" -> basic.truth();
            case "null" -> basic.nothing();
            case "" -> basic.value();
            default -> throw schema.refusal("there is no type \"%s\"".formatted(type));
        };
    }

    /** The type that the other keywords are about; "" for any. */
    private static String inferred(SchemaFields schema) {
        if (OBJECT.stream().anyMatch(schema::has)) {
            return "object";
        }
        if (ARRAY.stream().anyMatch(schema::has)) {
            return "array";
        }
        if (STRING.stream().anyMatch(schema::has)) {
            return "string";
        }
        return NUMBER.stream().anyMatch(schema::has) ? "number" : "";
    }

    private String reference(String reference) {
        String known = references.get(reference);
        if (known != null) {
            return known;
        }
        String name = rules.reserve(hint(reference));
        references.put(reference, name);
        waiting.add(reference);
        return name;
    }

    private String choice(SchemaFields schema, String keyword) {
        Set<String> names = new LinkedHashSet<>();
        int i = 0;
        for (JsonNode alternative : schema.list(keyword)) {
            names.add(rule(alternative, "%s/%s/%d".formatted(schema.path(), keyword, i++)));
        }
        return rules.add(hint(schema.path()), String.join(" | ", names));
    }

    /** One schema alone, or objects that are merged. */
    private String all(SchemaFields schema) {
        List<JsonNode> parts = schema.list("allOf");
        schema.alone("allOf", "type");
        JsonNode type = schema.get("type");
        if (type != null && !"object".equals(type.value())) {
            throw schema.refusal("the keyword type cannot be held to beside allOf");
        }
        if (parts.size() == 1 && type == null) {
            return rule(parts.getFirst(), schema.path() + "/allOf/0");
        }
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        Set<String> required = new HashSet<>();
        for (int i = 0; i < parts.size(); i++) {
            String path = schema.path() + "/allOf/" + i;
            Map<?, ?> fields = SchemaReference.target(root, parts.get(i));
            if (fields == null || !fields.containsKey("properties")) {
                throw SchemaFields.refusal(path, "allOf can only be held to where each part is an object");
            }
            SchemaFields part = SchemaFields.of(new JsonNode(fields, ""), path);
            part.alone("properties", "required", "type");
            properties(part).forEach((name, value) -> {
                if (properties.put(name, value) != null) {
                    throw part.refusal("the property %s is in another part too".formatted(name));
                }
            });
            required.addAll(required(part));
        }
        return object(schema.path(), properties, required, null);
    }

    private String literals(SchemaFields schema) {
        schema.alone(schema.has("const") ? "const" : "enum", "type");
        JsonNode only = schema.get("const");
        List<JsonNode> values = only == null ? schema.list("enum") : List.of(only);
        Set<String> literals = new LinkedHashSet<>();
        for (JsonNode value : values) {
            if (JsonType.matches(schema, value)) {
                literals.add(GrammarRules.literal(JsonLiteral.of(value)));
            }
        }
        if (literals.isEmpty()) {
            throw schema.refusal("no value has the type");
        }
        return rules.add(hint(schema.path()), String.join(" | ", literals));
    }

    private String object(SchemaFields schema) {
        JsonNode additional = schema.get("additionalProperties");
        boolean open = additional == null ? !schema.has("properties") : !Boolean.FALSE.equals(additional.value());
        String value = null;
        if (open) {
            value = additional == null ? basic.value() : rule(additional, schema.path() + "/additionalProperties");
        }
        return object(schema.path(), properties(schema), required(schema), value);
    }

    private String object(
            String path, Map<String, JsonNode> properties, Set<String> required, @Nullable String additional) {
        ObjectGrammar object = new ObjectGrammar(rules, basic, hint(path));
        properties.forEach((name, schema) ->
                object.property(name, rule(schema, path + "/properties/" + name), required.contains(name)));
        for (String name : required) {
            if (!properties.containsKey(name)) {
                if (additional == null) {
                    throw SchemaFields.refusal(path, "the property %s is required and not allowed".formatted(name));
                }
                object.property(name, additional, true);
            }
        }
        return object.rule(additional);
    }

    private static Map<String, JsonNode> properties(SchemaFields schema) {
        JsonNode node = schema.get("properties");
        if (node == null) {
            return Map.of();
        }
        if (!(node.value() instanceof Map<?, ?> fields)) {
            throw schema.refusal("properties must be an object");
        }
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        fields.forEach((name, value) -> properties.put((String) name, (JsonNode) value));
        return properties;
    }

    private static Set<String> required(SchemaFields schema) {
        JsonNode node = schema.get("required");
        Set<String> names = new LinkedHashSet<>();
        if (node != null) {
            if (!(node.value() instanceof List<?> list)) {
                throw schema.refusal("required must be a list");
            }
            for (Object name : list) {
                if (!(((JsonNode) name).value() instanceof String text)) {
                    throw schema.refusal("required must be a list of names");
                }
                names.add(text);
            }
        }
        return names;
    }

    private String array(SchemaFields schema) {
        JsonNode unique = schema.get("uniqueItems");
        if (unique != null && !Boolean.FALSE.equals(unique.value())) {
            throw schema.refusal("the keyword uniqueItems cannot be held to");
        }
        int least = schema.count("minItems", 0, MAX_ITEMS);
        int most = schema.count("maxItems", Integer.MAX_VALUE, MAX_ITEMS);
        if (least > most) {
            throw schema.refusal("minItems is %d and maxItems %d".formatted(least, most));
        }
        JsonNode items = schema.get("items");
        if (schema.has("prefixItems") || (items != null && items.value() instanceof List<?>)) {
            return tuple(schema, schema.has("prefixItems") ? "prefixItems" : "items", least, most);
        }
        boolean none = items != null && Boolean.FALSE.equals(items.value());
        if (most == 0 || none) {
            if (least > 0) {
                throw schema.refusal("minItems is %d, and there may be no items".formatted(least));
            }
            return rules.add("empty-array", basic.array(""));
        }
        String item = items == null ? basic.value() : rule(items, schema.path() + "/items");
        String more = rules.add("more-" + item, "\",\" " + basic.space() + " " + item);
        String repeated = most == Integer.MAX_VALUE
                ? (least <= 1 ? more + "*" : more + "{" + (least - 1) + ",}")
                : most == 1 ? "" : more + "{" + Math.max(0, least - 1) + "," + (most - 1) + "}";
        String elements = item + " " + repeated;
        return rules.add(hint(schema.path()), basic.array(least == 0 ? "( " + elements + " )?" : elements));
    }

    private String tuple(SchemaFields schema, String keyword, int least, int most) {
        List<JsonNode> items = schema.list(keyword);
        JsonNode rest = keyword.equals("prefixItems") ? schema.get("items") : null;
        boolean exact = rest == null || Boolean.FALSE.equals(rest.value());
        if (!exact || items.size() < least || items.size() > most) {
            throw schema.refusal("%s can only be held to where there are as many items, which are %d"
                    .formatted(keyword, items.size()));
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            names.add(rule(items.get(i), "%s/%s/%d".formatted(schema.path(), keyword, i)));
        }
        return rules.add(hint(schema.path()), basic.array(String.join(" \",\" " + basic.space() + " ", names)));
    }

    /** The last word of a path that tells something. */
    private static String hint(String path) {
        String[] steps = path.split("/", -1);
        for (int i = steps.length - 1; i > 0; i--) {
            if (!steps[i].isEmpty() && Character.isLetter(steps[i].charAt(0))) {
                return steps[i];
            }
        }
        return "start";
    }
}
