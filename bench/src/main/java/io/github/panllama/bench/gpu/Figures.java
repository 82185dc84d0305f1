package io.github.panllama.bench.gpu;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured, as an object of {@code bench.json}: that is how it comes from the process that measures, and from an
 * earlier run.
 *
 * @param fields as docs/gpu/bundle.md lists them
 */
record Figures(Map<String, @Nullable Object> fields) {
    Figures {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** Those in a field; {@code null} where there is none. */
    @SuppressWarnings("unchecked")
    static @Nullable Figures in(Map<String, @Nullable Object> object, String field) {
        return object.get(field) instanceof Map<?, ?> map ? new Figures((Map<String, @Nullable Object>) map) : null;
    }

    /** The number in a field, or in a field of the object in that; NaN where it was not measured. */
    double number(String... path) {
        return at(path) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /** The truth in a field; false where there is none. */
    boolean truth(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    /** The numbers of an object in a field, together; 0 where there is none. */
    double sum(String field) {
        return fields.get(field) instanceof Map<?, ?> map ? sum(List.copyOf(map.values())) : 0;
    }

    private static double sum(List<?> values) {
        return values.stream()
                .filter(Number.class::isInstance)
                .mapToDouble(value -> ((Number) value).doubleValue())
                .sum();
    }

    private @Nullable Object at(String... path) {
        Object value = fields;
        for (String name : path) {
            value = value instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return value;
    }
}
