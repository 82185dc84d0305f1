package io.github.panllama;

import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufValue;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The metadata that {@link ModelOptions} replace for a load. */
final class MetadataOverrides {
    private final Map<String, Object> values;

    private MetadataOverrides(Map<String, Object> values) {
        this.values = values;
    }

    static MetadataOverrides of(ModelOptions options, String architecture) {
        Map<String, Object> values = new LinkedHashMap<>(options.overrides);
        if (options.activeExperts != null) {
            values.put(architecture + ".expert_used_count", (long) options.activeExperts);
        }
        return new MetadataOverrides(values);
    }

    /** By key: a {@code Long}, {@code Double}, {@code Boolean} or {@code String}. */
    Map<String, Object> values() {
        return values;
    }

    /** Refuses another kind of value than the file's: llama.cpp would log a warning and keep the file's. */
    void check(GgufMetadata metadata) {
        values.forEach((key, value) -> {
            if (key.equals("general.architecture")) {
                throw new IllegalArgumentException("metadata general.architecture cannot be replaced: what is checked"
                        + " of the file depends on it");
            }
            Optional<GgufValue> inFile = metadata.find(key);
            if (inFile.isPresent() && !isOfKind(value, inFile.get())) {
                throw new IllegalArgumentException("metadata %s cannot be replaced by %s: in the file it is of type %s"
                        .formatted(key, value, inFile.get().type()));
            }
        });
    }

    private static boolean isOfKind(Object value, GgufValue inFile) {
        return switch (inFile) {
            case GgufValue.Whole _ -> value instanceof Long;
            case GgufValue.Real _ -> value instanceof Double;
            case GgufValue.Bool _ -> value instanceof Boolean;
            case GgufValue.Text _ -> value instanceof String;
            case GgufValue.Array _ -> false;
        };
    }

    /** The replaced value as llama.cpp would write the file's. */
    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key))
                .map(value -> value instanceof Double real ? String.format(Locale.ROOT, "%f", real) : value.toString());
    }
}
