package io.github.panllama.engine;

import java.util.List;
import java.util.Objects;

/**
 * How an engine computes, and why so. What its options leave open is measured when it starts.
 *
 * @param threads that compute a single token
 * @param batchThreads that compute a step of more than one
 * @param flashAttention whether attention is computed by the flash attention algorithm
 * @param unifiedKvCache whether all sequences share one KV cache, or each has a room of its own
 * @param source where that comes from
 * @param trials what was measured for it, the chosen one included; empty where nothing was
 */
public record EngineTuning(
        int threads,
        int batchThreads,
        boolean flashAttention,
        boolean unifiedKvCache,
        Source source,
        List<Trial> trials) {
    /** Copies the list, and refuses {@code null}. */
    public EngineTuning {
        Objects.requireNonNull(source, "source");
        trials = List.copyOf(trials);
    }

    /** Where a tuning comes from. */
    public enum Source {
        /** From the options alone. */
        GIVEN,
        /** From measuring, at this start. */
        MEASURED,
        /** From measuring, at an earlier start of the same model on this machine. */
        REMEMBERED,
        /** From what is good as a rule: a step takes too long to measure any. */
        ASSUMED
    }

    /**
     * One way to compute, measured.
     *
     * @param threads that computed
     * @param flashAttention whether by flash attention
     * @param unifiedKvCache whether in one KV cache
     * @param sequences tokens that a step computed
     * @param microseconds that a step took
     */
    public record Trial(
            int threads, boolean flashAttention, boolean unifiedKvCache, int sequences, double microseconds) {
        /** Tokens a second. */
        public double tokensPerSecond() {
            return sequences * 1e6 / microseconds;
        }
    }
}
