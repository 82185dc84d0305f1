package io.github.panllama.bench;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import java.util.function.Consumer;

/**
 * What one run of a decode loop does, in Java and in C alike. Lengths count tokens of each sequence.
 *
 * @param sequences decoded together, one token each in a step
 * @param prompt tokens at the start
 * @param warmUp steps before the clock starts
 * @param steps steps that are timed
 * @param unified whether the sequences share one KV cache
 */
record Workload(int sequences, int prompt, int warmUp, int steps, boolean unified) {
    /** A run of a tenth to a third of a second, on a machine of 2026. */
    static Workload of(int sequences) {
        return new Workload(sequences, 16, 32, Math.clamp(1024 / sequences, 64, 256), true);
    }

    /** The same, but every sequence has a room of its own: faster for many, which then look at their own tokens alone. */
    Workload withOwnRooms() {
        return new Workload(sequences, prompt, warmUp, steps, false);
    }

    /** Positions of each sequence. */
    int length() {
        return prompt + warmUp + steps;
    }

    /** Tokens that a run samples while the clock runs. */
    int timedTokens() {
        return sequences * steps;
    }

    /**
     * One compute thread: with more, what is measured is how the machine's cores were shared.
     *
     * @param settings changes the other options
     */
    ContextOptions contextOptions(Consumer<ContextOptions.Builder> settings) {
        ContextOptions.Builder options = ContextOptions.builder().flashAttention(FlashAttention.DISABLED);
        settings.accept(options);
        return options.contextSize(length() * sequences)
                .batchSize(prompt * sequences)
                .maxSequences(sequences)
                .threads(1)
                .unifiedKvCache(unified)
                .build();
    }
}
