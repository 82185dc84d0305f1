package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The largest tensor of a KV cache: the keys, or the values, of a layer for all cells. Where a device's buffers cannot hold
 * it, llama.cpp ends the process as soon as such a context is planned.
 *
 * @param device whose buffers have a bound
 * @param kind {@code keys} or {@code values}
 * @param bytesPerCell of that tensor
 * @param mostCells that fit
 */
record CacheTensor(String device, String kind, double bytesPerCell, long mostCells) {
    private static final double MIB = 1 << 20;

    /** {@code InsufficientMemoryException} if a layer's keys or values are too much for a buffer of their device. */
    static void check(ContextOptions options, LlamaModel model, int contextSize) {
        CacheTensor bound = bound(options, model, cells(options, contextSize));
        if (bound != null) {
            throw bound.refused(model.toString(), contextSize, cells(options, contextSize));
        }
    }

    InsufficientMemoryException refused(String model, int contextSize, long cells) {
        return new InsufficientMemoryException(
                String.format(
                        Locale.ROOT,
                        "Cannot make a context of %d tokens for %s: the %s of a layer are one tensor of %.1f MiB, and a buffer"
                                + " of %s holds %.1f MiB.%nTo need less: contextSize of at most %d (ContextSize.AUTO takes"
                                + " what fits), a quantised kvCacheType, or offloadKvCache(false)",
                        contextSize,
                        model,
                        kind,
                        cells * bytesPerCell / MIB,
                        device,
                        mostCells * bytesPerCell / MIB,
                        mostCells / ContextFit.STEP * ContextFit.STEP),
                null);
    }

    /** The largest context that passes the check, of at most so many tokens. */
    static int largest(ContextOptions options, LlamaModel model, int most) {
        CacheTensor bound = bound(options, model, cells(options, most));
        if (bound == null) {
            return most;
        }
        int step = ContextFit.STEP * sequences(options);
        return (int) Math.min(most, Math.max(bound.mostCells() / step * step, 1));
    }

    /** As llama.cpp rounds them up, whether sequences share them or not. */
    private static long cells(ContextOptions options, int contextSize) {
        long step = (long) ContextFit.STEP * sequences(options);
        return Math.ceilDiv(contextSize, step) * step;
    }

    private static int sequences(ContextOptions options) {
        return options.maxSequences == null ? 1 : Math.max(1, options.maxSequences);
    }

    /** What has room for fewer cells; {@code null} if nothing has. */
    private static @Nullable CacheTensor bound(ContextOptions options, LlamaModel model, long cells) {
        if (!model.isOffloaded()
                || Boolean.FALSE.equals(options.offloadKvCache)
                || model.splitMode() == SplitMode.TENSOR
                || model.figures().recurrent()) {
            return null;
        }
        ModelFiles files = model.modelFiles();
        boolean latent = files.figure("attention.value_length_mla") != 0;
        CacheTensor keys =
                bound(model, "keys", MemoryNeed.typeOf(options.keyCacheType), files.cacheWidth("key_length"), cells);
        CacheTensor values = latent
                ? null
                : bound(
                        model,
                        "values",
                        MemoryNeed.typeOf(options.valueCacheType),
                        files.cacheWidth("value_length"),
                        cells);
        return keys == null || (values != null && values.mostCells() < keys.mostCells()) ? values : keys;
    }

    private static @Nullable CacheTensor bound(
            LlamaModel model, String kind, KvCacheType type, long width, long cells) {
        CacheTensor least = null;
        for (Device gpu : model.devices()) {
            long most = width == 0 ? cells : mostCells(gpu.pointer(), type, width, cells);
            if (most < (least == null ? cells : least.mostCells())) {
                least = new CacheTensor(gpu.name(), kind, width * type.bytesPerValue(), most);
            }
        }
        return least;
    }

    static long mostCells(MemorySegment device, KvCacheType type, long width, long cells) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            Natives.check(
                    LlamaC.panllama_device_cache_cells(device, type.code, width, cells, out),
                    "Asking a device how much a buffer holds");
            return out.get(JAVA_LONG, 0);
        }
    }
}
