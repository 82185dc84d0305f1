package io.github.panllama.gguf;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of a GGUF file, in the file's order. Immutable.
 *
 * <p>A typed getter answers for a missing key with the given default. For a key whose value is of another kind or range
 * it throws {@link InvalidGgufException}, because the file then says something else than the format foresees.
 */
public final class GgufMetadata {
    private final Map<String, GgufValue> values;
    private final Map<String, Long> offsets;

    GgufMetadata(Map<String, GgufValue> values) {
        this(values, Map.of());
    }

    /** Metadata of a file, which tells where each key begins. */
    GgufMetadata(Map<String, GgufValue> values, Map<String, Long> offsets) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        this.offsets = Map.copyOf(offsets);
    }

    /** Where a key begins in its file, in bytes; -1 where there is no such key, or no file. */
    long offset(String key) {
        return offsets.getOrDefault(key, -1L);
    }

    /**
     * Every key and value.
     *
     * @return an unmodifiable map in the file's order
     */
    public Map<String, GgufValue> asMap() {
        return values;
    }

    /**
     * The value of a key.
     *
     * @param key the key
     * @return its value, or empty if the file has no such key
     */
    public Optional<GgufValue> find(String key) {
        return Optional.ofNullable(values.get(Objects.requireNonNull(key, "key")));
    }

    /**
     * Whether the file is an adapter, which changes a model and is none.
     *
     * @return true if it says so of its type
     */
    public boolean isAdapter() {
        return values.get("general.type") instanceof GgufValue.Text(String type) && type.equals("adapter");
    }

    /**
     * A string.
     *
     * @param key the key
     * @return the text, or empty if the file has no such key
     * @throws InvalidGgufException if the value is no string
     */
    public Optional<String> string(String key) {
        return find(key).map(value -> switch (value) {
            case GgufValue.Text text -> text.value();
            default -> throw wrongKind(key, value, "a string");
        });
    }

    /**
     * A string.
     *
     * @param key the key
     * @param missing what to answer if the file has no such key
     * @return the text
     * @throws InvalidGgufException if the value is no string
     */
    public String string(String key, String missing) {
        return string(key).orElse(Objects.requireNonNull(missing, "missing"));
    }

    /**
     * A whole number of any integer type.
     *
     * @param key the key
     * @param missing what to answer if the file has no such key
     * @return the number
     * @throws InvalidGgufException if the value is no whole number or above {@link Long#MAX_VALUE}
     */
    public long longValue(String key, long missing) {
        return switch (find(key).orElse(null)) {
            case null -> missing;
            case GgufValue.Whole whole when whole.type() != GgufType.UINT64 || whole.value() >= 0 -> whole.value();
            case GgufValue other -> throw wrongKind(key, other, "a whole number of 63 bits");
        };
    }

    /**
     * A whole number of any integer type.
     *
     * @param key the key
     * @param missing what to answer if the file has no such key
     * @return the number
     * @throws InvalidGgufException if the value is no whole number or does not fit an {@code int}
     */
    public int intValue(String key, int missing) {
        long value = longValue(key, missing);
        if (value != (int) value) {
            throw new InvalidGgufException(value + " does not fit 32 bits", offset(key), key);
        }
        return (int) value;
    }

    /**
     * A number of any type, in single precision.
     *
     * @param key the key
     * @param missing what to answer if the file has no such key
     * @return the number, rounded
     * @throws InvalidGgufException if the value is no number
     */
    public float floatValue(String key, float missing) {
        return switch (find(key).orElse(null)) {
            case null -> missing;
            case GgufValue.Real real -> (float) real.value();
            case GgufValue.Whole whole -> whole.value();
            case GgufValue other -> throw wrongKind(key, other, "a number");
        };
    }

    /**
     * A truth value.
     *
     * @param key the key
     * @param missing what to answer if the file has no such key
     * @return the value
     * @throws InvalidGgufException if the value is no boolean
     */
    public boolean booleanValue(String key, boolean missing) {
        return switch (find(key).orElse(null)) {
            case null -> missing;
            case GgufValue.Bool bool -> bool.value();
            case GgufValue other -> throw wrongKind(key, other, "a boolean");
        };
    }

    /**
     * An array.
     *
     * @param key the key
     * @return the array, or empty if the file has no such key
     * @throws InvalidGgufException if the value is no array
     */
    public Optional<GgufValue.Array> array(String key) {
        return find(key).map(value -> switch (value) {
            case GgufValue.Array array -> array;
            default -> throw wrongKind(key, value, "an array");
        });
    }

    /**
     * The architecture that the file is for, {@code general.architecture}.
     *
     * @return such as {@code llama} or {@code qwen2}; empty if the file does not say
     * @throws InvalidGgufException if the value is no string
     */
    public Optional<String> architecture() {
        return string("general.architecture");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GgufMetadata that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }

    private InvalidGgufException wrongKind(String key, GgufValue value, String expected) {
        return new InvalidGgufException("the value is of type " + value.type() + ", not " + expected, offset(key), key);
    }
}
