package io.github.panllama.json;

import io.github.panllama.chat.Matches;
import io.github.panllama.chat.Range;
import io.github.panllama.chat.Size;
import java.math.BigDecimal;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Bounds that stand at a member. */
final class Constraints {
    private Constraints() {}

    /** Adds them to the schema of what the member holds. */
    static void apply(ObjectNode schema, Member member) {
        Range range = member.annotations().getAnnotation(Range.class);
        if (range != null) {
            if (!isType(schema, "integer") && !isType(schema, "number")) {
                throw refusal(member, "Range", "a number");
            }
            bound(schema, "minimum", range.min());
            bound(schema, "maximum", range.max());
        }
        Size size = member.annotations().getAnnotation(Size.class);
        if (size != null) {
            boolean list = isType(schema, "array");
            if (!list && !isType(schema, "string")) {
                throw refusal(member, "Size", "a text or a list");
            }
            if (size.min() > 0) {
                schema.put(list ? "minItems" : "minLength", size.min());
            }
            if (size.max() < Integer.MAX_VALUE) {
                schema.put(list ? "maxItems" : "maxLength", size.max());
            }
        }
        Matches matches = member.annotations().getAnnotation(Matches.class);
        if (matches != null) {
            if (!isType(schema, "string")) {
                throw refusal(member, "Matches", "a text");
            }
            schema.put("pattern", matches.value());
        }
    }

    private static void bound(ObjectNode schema, String keyword, double bound) {
        if (Double.isFinite(bound)) {
            BigDecimal exact = BigDecimal.valueOf(bound).stripTrailingZeros();
            schema.put(keyword, exact.scale() <= 0 ? new BigDecimal(exact.toBigInteger()) : exact);
        }
    }

    private static boolean isType(ObjectNode schema, String type) {
        JsonNode node = schema.get("type");
        return node != null && node.isString() && node.stringValue().equals(type);
    }

    private static IllegalArgumentException refusal(Member member, String annotation, String what) {
        return new IllegalArgumentException(
                "%s has the annotation %s and is no %s".formatted(member.name(), annotation, what.substring(2)));
    }
}
