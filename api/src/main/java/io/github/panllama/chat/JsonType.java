package io.github.panllama.chat;

import io.github.panllama.internal.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a value is of a schema's type. */
final class JsonType {
    private JsonType() {}

    static boolean matches(SchemaFields schema, JsonNode value) {
        JsonNode type = schema.get("type");
        if (type == null) {
            return true;
        }
        if (type.value() instanceof List<?> types) {
            return types.stream().anyMatch(each -> matches(((JsonNode) each).value(), value.value()));
        }
        return matches(type.value(), value.value());
    }

    private static boolean matches(@Nullable Object type, @Nullable Object value) {
        return switch (value) {
            case null -> "null".equals(type);
            case String _ -> "string".equals(type);
            case Boolean _ -> "boolean".equals(type);
            case Map<?, ?> _ -> "object".equals(type);
            case List<?> _ -> "array".equals(type);
            case Double number -> "number".equals(type) || ("integer".equals(type) && number == Math.rint(number));
            default -> false;
        };
    }
}
