package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What llama.cpp asserts of a model's metadata while it loads, checked before: an assertion ends the process. Sees the
 * metadata as llama.cpp does, with the overrides of a load in force.
 */
final class ModelMetadataCheck {
    private static final int MAX_LAYERS = 512;
    private static final int MAX_EXPERTS = 1024;
    private static final int MAX_POOLING = LlamaC.LLAMA_POOLING_TYPE_RANK();
    private static final long UINT32 = 0xffff_ffffL;
    private static final Set<String> ROPE_SCALINGS = Set.of("none", "linear", "yarn", "longrope");

    private final String file;
    private final String prefix;
    private final GgufMetadata metadata;
    private final Map<String, Object> overrides;

    ModelMetadataCheck(String file, String architecture, GgufMetadata metadata, Map<String, Object> overrides) {
        this.file = file;
        this.prefix = architecture + '.';
        this.metadata = metadata;
        this.overrides = overrides;
    }

    /** {@code ModelLoadException} names the key, its value and what it may be. */
    void run() {
        long layers = whole("block_count").orElse(1);
        range("block_count", layers, 1, MAX_LAYERS);
        whole("nextn_predict_layers").ifPresent(count -> range("nextn_predict_layers", count, 0, layers));
        // What is not one of them aborts the process when a context computes embeddings; all ones stand for "none
        // said".
        whole("pooling_type")
                .ifPresent(pooling -> range("pooling_type", pooling == UINT32 ? 0 : pooling, 0, MAX_POOLING));
        experts();
        for (String epsilon : List.of("layer_norm_rms_epsilon", "layer_norm_epsilon", "group_norm_epsilon")) {
            real("attention." + epsilon).ifPresent(value -> notNegative("attention." + epsilon, value));
        }
        text("rope.scaling.type")
                .filter(scaling -> !ROPE_SCALINGS.contains(scaling))
                .ifPresent(scaling -> {
                    throw refused("rope.scaling.type is \"%s\", must be one of %s".formatted(scaling, ROPE_SCALINGS));
                });
    }

    private void experts() {
        long experts = whole("expert_count").orElse(0);
        range("expert_count", experts, 0, MAX_EXPERTS);
        long used = largest("expert_used_count").orElse(0);
        long groups = whole("expert_group_count").orElse(0);
        if (experts == 0) {
            range("expert_used_count", used, 0, 0);
            range("expert_group_count", groups, 0, 0);
            return;
        }
        range("expert_used_count", used, 1, experts);
        if (smallest("expert_used_count") != used && !prefix.startsWith("nemotron")) {
            throw refused("%sexpert_used_count differs between layers".formatted(prefix));
        }
        range("expert_group_count", groups, 0, experts - 1);
        if (groups > 1) {
            if (experts % groups != 0) {
                throw refused("expert_group_count is %d, must divide expert_count, %d".formatted(groups, experts));
            }
            range("expert_group_used_count", whole("expert_group_used_count").orElse(0), 1, groups - 1);
        }
    }

    private void range(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw refused(
                    min == max
                            ? "%s%s is %d, must be %d".formatted(prefix, key, value, min)
                            : "%s%s is %d, must be in [%d, %d]".formatted(prefix, key, value, min, max));
        }
    }

    private void notNegative(String key, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw refused("%s%s is %s, must be a finite number, not negative".formatted(prefix, key, value));
        }
    }

    private ModelLoadException refused(String reason) {
        return new ModelLoadException("Cannot load %s: %s".formatted(file, reason), List.of());
    }

    /** An unsigned number of 32 bits, as C sees it; empty where it is none, which C refuses by itself. */
    private OptionalLong whole(String key) {
        if (overrides.get(prefix + key) instanceof Long value) {
            return OptionalLong.of(value & UINT32);
        }
        return metadata.find(prefix + key).orElse(null) instanceof GgufValue.Whole number
                ? OptionalLong.of(number.value() & UINT32)
                : OptionalLong.empty();
    }

    /** The largest of the numbers for each layer, or the one for all. */
    private OptionalLong largest(String key) {
        if (metadata.find(prefix + key).orElse(null) instanceof GgufValue.Array numbers) {
            long largest = 0;
            for (int i = 0; i < numbers.size(); i++) {
                largest = Math.max(largest, numbers.get(i) instanceof GgufValue.Whole n ? n.value() & UINT32 : 0);
            }
            return OptionalLong.of(largest);
        }
        return whole(key);
    }

    private long smallest(String key) {
        if (metadata.find(prefix + key).orElse(null) instanceof GgufValue.Array numbers) {
            long smallest = UINT32;
            for (int i = 0; i < numbers.size(); i++) {
                smallest = Math.min(smallest, numbers.get(i) instanceof GgufValue.Whole n ? n.value() & UINT32 : 0);
            }
            return smallest;
        }
        return whole(key).orElse(0);
    }

    private OptionalDouble real(String key) {
        if (overrides.get(prefix + key) instanceof Double value) {
            return OptionalDouble.of(value.floatValue());
        }
        return metadata.find(prefix + key).orElse(null) instanceof GgufValue.Real number
                ? OptionalDouble.of(number.value())
                : OptionalDouble.empty();
    }

    private Optional<String> text(String key) {
        if (overrides.get(prefix + key) instanceof String value) {
            return Optional.of(value);
        }
        return metadata.find(prefix + key).orElse(null) instanceof GgufValue.Text text
                ? Optional.of(text.value())
                : Optional.empty();
    }
}
