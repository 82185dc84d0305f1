package io.github.panllama;

import java.util.Objects;

/**
 * What a model and a context take of the memory of one device, in bytes.
 *
 * @param device the device's name, such as {@code CUDA0}; {@code host} for the system's memory
 * @param weights the model's tensors
 * @param mappedWeights of these, what stays in pages of the file: the system reads them as needed and takes them away where
 *     memory is short, so they need not fit, but tokens are slow where they do not
 * @param cache the KV cache and recurrent states, and what is kept of each token beside them
 * @param compute buffers to compute the largest micro-batch in
 * @param output logits and embeddings, for an output of each sequence, or of each token of a batch where embeddings are
 *     computed; a batch with more outputs makes them grow
 * @param free memory of the device that was free when this was planned
 */
public record MemoryUse(
        String device, long weights, long mappedWeights, long cache, long compute, long output, long free) {
    /** The device's name where it is the system's memory. */
    static final String HOST = "host";

    /** Checks that the device has a name. */
    public MemoryUse {
        Objects.requireNonNull(device, "device");
    }

    /** All of it. */
    public long total() {
        return weights + cache + compute + output;
    }

    /** What has to fit: all but mapped weights. */
    public long needed() {
        return total() - mappedWeights;
    }

    /** Whether it fits in what was free. */
    public boolean fits() {
        return needed() <= free;
    }

    /** Whether it is the system's memory. */
    public boolean isHost() {
        return device.equals(HOST);
    }

    MemoryUse times(int contexts) {
        return new MemoryUse(
                device, weights, mappedWeights, cache * contexts, compute * contexts, output * contexts, free);
    }

    /** The same without weights, for a model that has its memory. */
    MemoryUse ofContext() {
        return new MemoryUse(device, 0, 0, cache, compute, output, free);
    }
}
