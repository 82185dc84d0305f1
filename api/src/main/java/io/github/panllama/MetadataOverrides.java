package io.github.panllama;

import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufValue;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The metadata that {@link ModelOptions} replace for a load. */
final class MetadataOverrides {
    /** Of {@code std::to_string}. */
    private static final int DECIMALS = 6;

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

    /** As llama.cpp reads them: numbers of 32 bits. */
    Map<String, GgufValue> asMetadata() {
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        values.forEach((key, value) -> metadata.put(
                key,
                switch (value) {
                    case Long number -> GgufValue.uint32(number & 0xffff_ffffL);
                    case Double number -> GgufValue.float32(number.floatValue());
                    case Boolean flag -> GgufValue.bool(flag);
                    default -> GgufValue.text(value.toString());
                }));
        return metadata;
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

    /**
     * The value as llama.cpp would write the file's under the locale C, where it would not itself: a replaced one, or a
     * real number, which it writes with the decimal comma that the process's locale may have.
     */
    Optional<String> text(String key, GgufMetadata metadata) {
        Object value = values.get(key);
        if (value == null && metadata.find(key).orElse(null) instanceof GgufValue.Real real) {
            value = real.value();
        }
        return Optional.ofNullable(value).map(it -> it instanceof Double real ? text(real) : it.toString());
    }

    private static String text(double real) {
        return Double.isFinite(real)
                ? new BigDecimal(real)
                        .setScale(DECIMALS, RoundingMode.HALF_EVEN)
                        .toPlainString()
                : Double.toString(real).replace("Infinity", "inf").replace("NaN", "nan");
    }
}
