package io.github.panllama.bench;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import java.util.List;

/**
 * A context whose memory is measured.
 *
 * @param contextSize tokens of all sequences
 * @param microBatchSize tokens that are computed at once
 */
record MemorySetting(
        int contextSize, int sequences, KvCacheType type, int batchSize, int microBatchSize, boolean flashAttention) {
    /** What the issue of memory depends on, one after the other. */
    static List<MemorySetting> all() {
        return List.of(
                new MemorySetting(512, 1, KvCacheType.F16, 512, 512, false),
                new MemorySetting(4096, 1, KvCacheType.F16, 512, 512, false),
                new MemorySetting(4096, 1, KvCacheType.F16, 512, 512, true),
                new MemorySetting(8192, 1, KvCacheType.F16, 512, 512, true),
                new MemorySetting(4096, 1, KvCacheType.Q8_0, 512, 512, true),
                new MemorySetting(4096, 1, KvCacheType.Q4_0, 512, 512, true),
                new MemorySetting(2048, 1, KvCacheType.F32, 512, 512, false),
                new MemorySetting(4096, 8, KvCacheType.F16, 512, 512, false),
                new MemorySetting(8192, 32, KvCacheType.F16, 512, 512, false),
                new MemorySetting(4096, 8, KvCacheType.Q8_0, 512, 512, true),
                new MemorySetting(4096, 1, KvCacheType.F16, 64, 64, false),
                new MemorySetting(4096, 1, KvCacheType.F16, 2048, 2048, false));
    }

    ContextOptions options() {
        return ContextOptions.builder()
                .contextSize(contextSize)
                .maxSequences(sequences)
                .kvCacheType(type)
                .batchSize(batchSize)
                .microBatchSize(microBatchSize)
                .flashAttention(flashAttention ? FlashAttention.ENABLED : FlashAttention.DISABLED)
                .threads(1)
                .build();
    }

    String name() {
        return "%d tokens, %d %s, %s, batches of %d%s"
                .formatted(
                        contextSize,
                        sequences,
                        sequences == 1 ? "sequence" : "sequences",
                        type,
                        microBatchSize,
                        flashAttention ? ", flash attention" : "");
    }
}
