package io.github.panllama.chat;

import io.github.panllama.internal.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** References of a JSON schema into itself, such as {@code #/$defs/node}, as libllama-common takes them. */
final class SchemaReference {
    /** What std::stoull makes a number of. */
    private static final Pattern INDEX = Pattern.compile("\\s*[+-]?([0-9]{1,9}).*", Pattern.DOTALL);

    private SchemaReference() {}

    /** The reference that a schema is, or {@code null}. */
    static @Nullable String of(Map<?, ?> fields) {
        return fields.get("$ref") instanceof JsonNode(String reference, String _) ? reference : null;
    }

    /** What a reference refers to; {@code null} for nothing, which native code refuses. */
    static @Nullable JsonNode resolve(JsonNode root, String reference) {
        if (!reference.startsWith("#/")) {
            return null;
        }
        JsonNode target = root;
        for (String step : reference.substring(2).split("/", -1)) {
            target = step(target, step);
            if (target == null) {
                return null;
            }
        }
        return target;
    }

    /** The fields of the schema at the end of a chain of references; {@code null} where there is none. */
    static @Nullable Map<?, ?> target(JsonNode root, JsonNode schema) {
        Set<String> seen = new HashSet<>();
        JsonNode at = schema;
        while (at != null && at.value() instanceof Map<?, ?> fields) {
            String reference = of(fields);
            if (reference == null) {
                return fields;
            }
            // A longer chain is refused for its length, and a circle for being one.
            at = seen.size() < ToolSchema.MAX_DEPTH && seen.add(reference) ? resolve(root, reference) : null;
        }
        return null;
    }

    private static @Nullable JsonNode step(JsonNode from, String step) {
        if (from.value() instanceof Map<?, ?> fields) {
            return (JsonNode) fields.get(step);
        }
        Matcher index = INDEX.matcher(step);
        if (from.value() instanceof List<?> list && index.matches()) {
            int at = Integer.parseInt(index.group(1));
            return at < list.size() ? (JsonNode) list.get(at) : null;
        }
        return null;
    }
}
