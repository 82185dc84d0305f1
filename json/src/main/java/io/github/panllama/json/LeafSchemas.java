package io.github.panllama.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The schemas of types that contain no others. What a format says and Java does not is said by a pattern. */
final class LeafSchemas {
    private static final String DATE = "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
            + "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
            + "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)";
    private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?";
    private static final String PERIOD =
            "P([0-9]{1,4}Y([0-9]{1,4}M)?([0-9]{1,4}D)?|[0-9]{1,4}M([0-9]{1,4}D)?|[0-9]{1,4}[WD])";

    private static final Map<Class<?>, ObjectNode> SCHEMAS = new HashMap<>();

    static {
        integer(Byte.MIN_VALUE, Byte.MAX_VALUE, byte.class, Byte.class);
        integer(Short.MIN_VALUE, Short.MAX_VALUE, short.class, Short.class);
        integer(Integer.MIN_VALUE, Integer.MAX_VALUE, int.class, Integer.class, OptionalInt.class);
        // Unbounded ones have as many digits as a long has room for.
        put(type("integer"), long.class, Long.class, OptionalLong.class, BigInteger.class);
        put(type("number"), float.class, Float.class, double.class, Double.class, OptionalDouble.class);
        put(type("number"), BigDecimal.class, Number.class);
        put(type("boolean"), boolean.class, Boolean.class);
        put(type("string"), String.class, CharSequence.class);
        format("uuid", UUID.class);
        format("date", LocalDate.class);
        format("time", OffsetTime.class);
        format("date-time", Instant.class, OffsetDateTime.class, ZonedDateTime.class);
        format("duration", Duration.class);
        pattern("^" + DATE + "T" + TIME + "$", LocalDateTime.class);
        pattern("^" + TIME + "$", LocalTime.class);
        pattern("^[0-9]{4}-(0[1-9]|1[0-2])$", YearMonth.class);
        pattern("^" + PERIOD + "$", Period.class);
        put(JsonNodeFactory.instance.objectNode(), Object.class, JsonNode.class);
    }

    private LeafSchemas() {}

    /** A schema of the caller's own; {@code null} for a type that is not here. */
    static @Nullable ObjectNode of(Class<?> type) {
        ObjectNode schema = SCHEMAS.get(type);
        return schema == null ? null : schema.deepCopy();
    }

    private static ObjectNode type(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    private static void put(ObjectNode schema, Class<?>... types) {
        for (Class<?> type : types) {
            SCHEMAS.put(type, schema);
        }
    }

    private static void integer(long least, long most, Class<?>... types) {
        put(type("integer").put("minimum", least).put("maximum", most), types);
    }

    private static void format(String format, Class<?>... types) {
        put(type("string").put("format", format), types);
    }

    private static void pattern(String pattern, Class<?>... types) {
        put(type("string").put("pattern", pattern), types);
    }
}
