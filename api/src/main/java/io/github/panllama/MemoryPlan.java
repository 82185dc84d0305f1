package io.github.panllama;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a model and its contexts will take of each device's memory and of the system's, found out without taking it.
 *
 * <p>The figures are llama.cpp's own: it lays out model, cache and computation as for a real load, and leaves out to
 * allocate them. Only the header of the file is read. Not counted is what does not depend on the model: a GPU driver's
 * own memory, the JVM, the code.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 *
 * @param devices the GPUs that the model may use, and the system's memory last
 * @param contextSize tokens that each context holds
 * @param gpuLayers layers in GPU memory, the output counted as one; {@link ModelOptions#ALL_LAYERS} for all; without a
 *     GPU it means nothing
 * @param contexts number of contexts, of which all count
 */
public record MemoryPlan(List<MemoryUse> devices, int contextSize, int gpuLayers, int contexts) {
    private static final double MIB = 1 << 20;

    /** Checks that there is the system's memory at least. */
    public MemoryPlan {
        devices = List.copyOf(devices);
        if (devices.isEmpty() || !devices.getLast().isHost()) {
            throw new IllegalArgumentException("devices must end with the system's memory, are " + devices);
        }
    }

    /**
     * Plans a model with one context.
     *
     * @param file a GGUF file; of a model in several files, the first, beside the others
     * @throws ModelLoadException if the file cannot be read or is malformed
     * @throws IllegalArgumentException if the options do not fit the model
     */
    public static MemoryPlan of(Path file, ModelOptions model, ContextOptions context) {
        try (MemoryPlanner planner = MemoryPlanner.open(file, model)) {
            return planner.plan(context);
        }
    }

    /** The system's memory. */
    public MemoryUse host() {
        return devices.getLast();
    }

    /** All memory, in bytes. */
    public long total() {
        return devices.stream().mapToLong(MemoryUse::total).sum();
    }

    /** Whether it fits in what was free everywhere. */
    public boolean fits() {
        return devices.stream().allMatch(MemoryUse::fits);
    }

    /** The same for several contexts of the model, which compute beside each other. */
    public MemoryPlan times(int contexts) {
        Check.positive("contexts", contexts);
        if (this.contexts != 1) {
            throw new IllegalStateException("this plan has " + this.contexts + " contexts already");
        }
        return new MemoryPlan(
                devices.stream().map(use -> use.times(contexts)).toList(), contextSize, gpuLayers, contexts);
    }

    /** Without the weights, for a model that is loaded. */
    MemoryPlan ofContexts() {
        return new MemoryPlan(devices.stream().map(MemoryUse::ofContext).toList(), contextSize, gpuLayers, contexts);
    }

    /** A table: a line for each device, figures in MiB. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-10s %10s %10s %10s %10s %10s %10s",
                "MiB",
                "weights",
                "(mapped)",
                "cache",
                "compute",
                "output",
                "free"));
        for (MemoryUse use : devices) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-10s %10.1f %10.1f %10.1f %10.1f %10.1f %10.1f",
                    use.device(),
                    use.weights() / MIB,
                    use.mappedWeights() / MIB,
                    use.cache() / MIB,
                    use.compute() / MIB,
                    use.output() / MIB,
                    use.free() / MIB));
        }
        return String.join(System.lineSeparator(), lines);
    }
}
