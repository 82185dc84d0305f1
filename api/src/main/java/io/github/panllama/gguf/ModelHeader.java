package io.github.panllama.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a model say, as llama.cpp sees it: with the values that a load replaces, and numbers as unsigned ones
 * of 32 bits. A value of another type than llama.cpp reads counts as missing, because llama.cpp refuses it by itself.
 */
final class ModelHeader {
    /** All bits of a number: how files say "none". */
    static final long NONE = 0xffff_ffffL;

    private final List<GgufFile> parts;
    private final Map<String, GgufValue> replaced;
    private final String architecture;

    ModelHeader(List<GgufFile> parts, Map<String, GgufValue> replaced) {
        this.parts = List.copyOf(parts);
        this.replaced = Map.copyOf(replaced);
        this.architecture = first().metadata().architecture().orElse("");
    }

    GgufFile first() {
        return parts.getFirst();
    }

    List<GgufFile> parts() {
        return parts;
    }

    String architecture() {
        return architecture;
    }

    /** A key of the architecture's own. */
    String own(String key) {
        return architecture + '.' + key;
    }

    @Nullable
    GgufValue value(String key) {
        GgufValue value = replaced.get(key);
        return value != null ? value : first().metadata().find(key).orElse(null);
    }

    /** A number that is one for all layers. */
    OptionalLong whole(String key) {
        return value(key) instanceof GgufValue.Whole number
                ? OptionalLong.of(number.value() & NONE)
                : OptionalLong.empty();
    }

    /** The number of a layer, or that of all layers. */
    OptionalLong whole(String key, int layer) {
        if (first().metadata().find(key).orElse(null) instanceof GgufValue.Array numbers) {
            return layer < numbers.size() && isWhole(numbers)
                    ? OptionalLong.of(numbers.longAt(layer) & NONE)
                    : OptionalLong.empty();
        }
        return whole(key);
    }

    /** A number of the architecture's own that is one for all layers; what is left out is 0. */
    long number(String ownKey) {
        return whole(own(ownKey)).orElse(0);
    }

    /** The number of a layer, of the architecture's own; what is left out is 0. */
    long number(String ownKey, int layer) {
        return whole(own(ownKey), layer).orElse(0);
    }

    static boolean isWhole(GgufValue.Array numbers) {
        return numbers.elementType().isInteger() || numbers.elementType() == GgufType.BOOL;
    }

    OptionalDouble real(String key) {
        return value(key) instanceof GgufValue.Real number ? OptionalDouble.of(number.value()) : OptionalDouble.empty();
    }

    Optional<String> text(String key) {
        return value(key) instanceof GgufValue.Text text ? Optional.of(text.value()) : Optional.empty();
    }

    Optional<Boolean> flag(String key) {
        return value(key) instanceof GgufValue.Bool flag ? Optional.of(flag.value()) : Optional.empty();
    }

    Optional<GgufValue.Array> array(String key) {
        return first().metadata().find(key).orElse(null) instanceof GgufValue.Array array
                ? Optional.of(array)
                : Optional.empty();
    }

    /** Layers, those that predict included. */
    int layers() {
        return (int) Math.min(whole(own("block_count")).orElse(1), LayerRules.MAX_LAYERS);
    }

    /** Layers without those that predict. */
    int ownLayers() {
        long predicting = whole(own("nextn_predict_layers")).orElse(0);
        return (int) Math.max(0, layers() - predicting);
    }

    Optional<GgufTensor> tensor(String name) {
        return parts.stream().flatMap(part -> part.tensor(name).stream()).findFirst();
    }

    /** Refuses a value; the message begins with the key. */
    InvalidGgufException invalid(String key, String problem) {
        return new InvalidGgufException(key + ' ' + problem, first().metadata().offset(key), key);
    }

    InvalidGgufException invalidTensor(String name, String problem) {
        long at =
                parts.stream().mapToLong(part -> part.tensorOffset(name)).max().orElse(-1);
        return new InvalidGgufException("tensor " + name + ' ' + problem, at, name);
    }

    /** Refuses a number of the architecture's own that is there and out of bounds. */
    void ownRange(String key, long min, long max) {
        range(own(key), whole(own(key)), min, max);
    }

    void range(String key, OptionalLong value, long min, long max) {
        value.ifPresent(number -> range(key, number, min, max));
    }

    void range(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw invalid(
                    key,
                    min == max
                            ? "is %d, must be %d".formatted(value, min)
                            : "is %d, must be in [%d, %d]".formatted(value, min, max));
        }
    }

    /** Refuses what is no number, infinite, or out of bounds. */
    void finite(String key, double min, double max) {
        real(key).ifPresent(value -> {
            if (!(value >= min && value <= max)) {
                throw invalid(key, "is %s, must be a number in [%s, %s]".formatted(value, min, max));
            }
        });
    }
}
