package io.github.panllama.bench.gpu;

import io.github.panllama.ContextOptions;
import io.github.panllama.KvCacheType;
import io.github.panllama.engine.DeviceSampling;
import io.github.panllama.engine.EngineOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is measured at once. Lengths count tokens.
 *
 * @param model the model's name
 * @param type of its weights
 * @param parallel sequences at the same time
 * @param prompt of each sequence
 * @param generate for each sequence
 * @param cache the numbers of its KV cache
 * @param room how the engine's KV cache is laid out
 * @param variant what else is other than by default
 * @param copies of the model, each on a device of its own with as many sequences; 1 unless scaling is measured
 */
record GpuSetting(
        String model,
        String type,
        int parallel,
        int prompt,
        int generate,
        KvCacheType cache,
        Room room,
        Variant variant,
        int copies) {
    private static final int PHASE_SEQUENCES = 16;
    private static final int MOST_PHASES = 3;

    /** Who decides on the engine's KV cache. */
    enum Room {
        /** The workload: each sequence has a room of its own, as long as it becomes. */
        SIZED,
        /** The engine, by its defaults. */
        DEFAULT
    }

    /** A choice of the engine that is compared with its default. */
    enum Variant {
        NONE(0, ""),
        DEVICE_SAMPLING(0, "tokens chosen on the device"),
        BATCH_256(256, "256 tokens a step"),
        BATCH_512(512, "512 tokens a step"),
        BATCH_1024(1024, "1024 tokens a step"),
        BATCH_2048(2048, "2048 tokens a step"),
        NO_CUDA_GRAPHS(0, "no CUDA graphs");

        private final int batch;
        private final String words;

        Variant(int batch, String words) {
            this.batch = batch;
            this.words = words;
        }

        /** What a process has to have in its environment for it. */
        Map<String, String> environment() {
            return this == NO_CUDA_GRAPHS ? Map.of("GGML_CUDA_DISABLE_GRAPHS", "1") : Map.of();
        }

        /** The most tokens of a step; 0 where the engine decides. */
        int batch() {
            return batch;
        }

        String words() {
            return words;
        }
    }

    /** One of the table: f16, a room for each sequence, nothing else than by default. */
    static GpuSetting of(BenchModel model, int parallel, int prompt, int generate) {
        return new GpuSetting(
                model.name(), model.type(), parallel, prompt, generate, KvCacheType.F16, Room.SIZED, Variant.NONE, 1);
    }

    GpuSetting withCache(KvCacheType other) {
        return new GpuSetting(model, type, parallel, prompt, generate, other, room, variant, copies);
    }

    GpuSetting withRoom(Room other) {
        return new GpuSetting(model, type, parallel, prompt, generate, cache, other, variant, copies);
    }

    GpuSetting withVariant(Variant other) {
        return new GpuSetting(model, type, parallel, prompt, generate, cache, room, other, copies);
    }

    GpuSetting withCopies(int other) {
        return new GpuSetting(model, type, parallel, prompt, generate, cache, room, variant, other);
    }

    /** Whether llama-batched-bench does the same. */
    boolean hasPeer() {
        return variant == Variant.NONE && copies == 1;
    }

    boolean isOf(BenchModel other) {
        return model.equals(other.name()) && type.equals(other.type());
    }

    /** How often prefill and decode alone are measured: small runs more often. */
    int phases() {
        return Math.clamp(PHASE_SEQUENCES / parallel, 1, MOST_PHASES);
    }

    /** What the engine is made with, the size of its context apart. */
    void apply(EngineOptions.Builder engine) {
        engine.sequences(parallel).context(this::apply);
        if (variant.batch() > 0) {
            // A step holds a token of every sequence at least.
            engine.batchSize(Math.max(variant.batch(), parallel));
        }
        if (variant == Variant.DEVICE_SAMPLING) {
            engine.deviceSampling(DeviceSampling.AUTO);
        }
    }

    private void apply(ContextOptions.Builder context) {
        if (cache != KvCacheType.F16) {
            context.kvCacheType(cache);
        }
        if (room == Room.SIZED) {
            context.unifiedKvCache(false);
        }
    }

    /** As the first fields of a run in {@code bench.json}. */
    Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("model", model);
        fields.put("type", type);
        fields.put("parallel", parallel);
        fields.put("prompt_tokens", prompt);
        fields.put("generate_tokens", generate);
        fields.put("kv_type", lower(cache));
        fields.put("kv_room", lower(room));
        fields.put("variant", lower(variant));
        fields.put("copies", copies);
        return fields;
    }

    /**
     * From those fields.
     *
     * @throws IllegalArgumentException if one of them is missing or wrong
     */
    static GpuSetting of(Map<String, @Nullable Object> fields) {
        return new GpuSetting(
                text(fields, "model"),
                text(fields, "type"),
                number(fields, "parallel"),
                number(fields, "prompt_tokens"),
                number(fields, "generate_tokens"),
                KvCacheType.valueOf(upper(fields, "kv_type")),
                Room.valueOf(upper(fields, "kv_room")),
                Variant.valueOf(upper(fields, "variant")),
                number(fields, "copies"));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String upper(Map<String, @Nullable Object> fields, String name) {
        return text(fields, name).toUpperCase(Locale.ROOT);
    }

    private static String text(Map<String, @Nullable Object> fields, String name) {
        if (fields.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("%s is %s, must be a text".formatted(name, fields.get(name)));
    }

    private static int number(Map<String, @Nullable Object> fields, String name) {
        if (fields.get(name) instanceof Number number && number.intValue() > 0) {
            return number.intValue();
        }
        throw new IllegalArgumentException("%s is %s, must be a number above 0".formatted(name, fields.get(name)));
    }

    /** Such as {@code 7b Q4_K_M, 64 x (128 + 128)}. */
    @Override
    public String toString() {
        return "%s %s, %d x (%d + %d)%s%s%s%s"
                .formatted(
                        model,
                        type,
                        parallel,
                        prompt,
                        generate,
                        cache == KvCacheType.F16 ? "" : ", KV cache " + cache,
                        room == Room.SIZED ? "" : ", the engine's own KV cache",
                        variant == Variant.NONE ? "" : ", " + variant.words(),
                        copies == 1 ? "" : ", on each of %d devices".formatted(copies));
    }
}
