package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/**
 * The memory of this machine that a context takes at least. A system that lends more memory than it has ends the
 * process once it is used, so what cannot fit is refused before.
 */
final class MemoryNeed {
    /** What is kept of each token beside its keys and values: position, shift, the set of its sequences. */
    private static final long BYTES_PER_CELL = 44;

    private MemoryNeed() {}

    /** {@code IllegalArgumentException} if the machine's memory is too small for so many tokens, whatever else runs. */
    static void check(ContextOptions options, LlamaModel model, int contextSize) {
        if (LlamaC.llama_model_is_recurrent(model.handle().pointer())
                || !model.modelFiles().isCausal()) {
            return; // the memory does not grow with the context, or there is none
        }
        long perToken = BYTES_PER_CELL;
        if (Boolean.FALSE.equals(options.offloadKvCache) || Device.gpus().isEmpty()) {
            perToken +=
                    model.modelFiles().cacheBytesPerToken(typeOf(options.keyCacheType), typeOf(options.valueCacheType));
        }
        long machine = Device.all().stream()
                .filter(device -> device.type() == DeviceType.CPU)
                .mapToLong(Device::totalMemory)
                .max()
                .orElse(0);
        double need = (double) perToken * contextSize;
        if (machine > 0 && need > machine) {
            throw new IllegalArgumentException("contextSize is %d, which needs %.1f GiB at least; this machine has %.1f"
                    .formatted(contextSize, need / (1 << 30), (double) machine / (1 << 30)));
        }
    }

    private static KvCacheType typeOf(@org.jspecify.annotations.Nullable KvCacheType type) {
        return type == null ? KvCacheType.F16 : type;
    }
}
