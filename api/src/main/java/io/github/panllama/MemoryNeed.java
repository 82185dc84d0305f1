package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.internal.SystemMemory;
import org.jspecify.annotations.Nullable;

/**
 * The memory of this machine, or of its container, that a context takes at least. A system that lends more memory than it has ends the
 * process once it is used, so what cannot fit is refused before.
 */
final class MemoryNeed {
    private MemoryNeed() {}

    /** What does not change while the process lives. */
    private static final class Machine {
        static final long MEMORY;
        static final boolean HAS_GPU;

        static {
            MEMORY = SystemMemory.now().total();
            HAS_GPU = Device.all().stream().anyMatch(Device::isGpu);
        }
    }

    /** {@code IllegalArgumentException} if the machine's memory is too small for so many tokens, whatever else runs. */
    static void check(ContextOptions options, LlamaModel model, int contextSize) {
        double need = (double) perToken(options, model) * contextSize;
        if (need > Machine.MEMORY) {
            throw new IllegalArgumentException("contextSize is %d, which needs %.1f GiB at least; this machine has %.1f"
                    .formatted(contextSize, need / (1 << 30), (double) Machine.MEMORY / (1 << 30)));
        }
    }

    /** The largest context that passes the check, in tokens. */
    static int largest(ContextOptions options, LlamaModel model) {
        long perToken = perToken(options, model);
        int most = perToken == 0
                ? ContextOptions.MAX_CONTEXT_SIZE
                : (int) Math.min(Machine.MEMORY / perToken, ContextOptions.MAX_CONTEXT_SIZE);
        return CacheTensor.largest(options, model, most);
    }

    /** Bytes of this machine's memory for each token; 0 where it does not grow with the context, or there is none. */
    private static long perToken(ContextOptions options, LlamaModel model) {
        if (LlamaC.llama_model_is_recurrent(model.handle().pointer())
                || !model.modelFiles().isCausal()) {
            return 0;
        }
        long perToken = PlannedMemory.BYTES_PER_CELL;
        if (Boolean.FALSE.equals(options.offloadKvCache) || !Machine.HAS_GPU) {
            perToken +=
                    model.modelFiles().cacheBytesPerToken(typeOf(options.keyCacheType), typeOf(options.valueCacheType));
        }
        return perToken;
    }

    /** The format of a cache, where options may leave it open. */
    static KvCacheType typeOf(@Nullable KvCacheType type) {
        return type == null ? KvCacheType.F16 : type;
    }
}
