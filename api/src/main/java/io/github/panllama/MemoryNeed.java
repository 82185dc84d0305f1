package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory of this machine that a context takes at least. A system that lends more memory than it has ends the
 * process once it is used, so what cannot fit is refused before.
 */
final class MemoryNeed {
    /** What is kept of each token beside its keys and values: position, shift, the set of its sequences. */
    private static final long BYTES_PER_CELL = 44;

    private MemoryNeed() {}

    /** What does not change while the process lives. */
    private static final class Machine {
        static final long MEMORY;
        static final boolean HAS_GPU;

        static {
            List<Device> devices = Device.all();
            MEMORY = devices.stream()
                    .filter(device -> device.type() == DeviceType.CPU)
                    .mapToLong(Device::totalMemory)
                    .max()
                    .orElse(0);
            HAS_GPU = devices.stream().anyMatch(Device::isGpu);
        }
    }

    /** {@code IllegalArgumentException} if the machine's memory is too small for so many tokens, whatever else runs. */
    static void check(ContextOptions options, LlamaModel model, int contextSize) {
        if (LlamaC.llama_model_is_recurrent(model.handle().pointer())
                || !model.modelFiles().isCausal()) {
            return; // the memory does not grow with the context, or there is none
        }
        long perToken = BYTES_PER_CELL;
        if (Boolean.FALSE.equals(options.offloadKvCache) || !Machine.HAS_GPU) {
            perToken +=
                    model.modelFiles().cacheBytesPerToken(typeOf(options.keyCacheType), typeOf(options.valueCacheType));
        }
        double need = (double) perToken * contextSize;
        if (Machine.MEMORY > 0 && need > Machine.MEMORY) {
            throw new IllegalArgumentException("contextSize is %d, which needs %.1f GiB at least; this machine has %.1f"
                    .formatted(contextSize, need / (1 << 30), (double) Machine.MEMORY / (1 << 30)));
        }
    }

    private static KvCacheType typeOf(@Nullable KvCacheType type) {
        return type == null ? KvCacheType.F16 : type;
    }
}
