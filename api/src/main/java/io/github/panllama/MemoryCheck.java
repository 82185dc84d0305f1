package io.github.panllama;

import io.github.panllama.internal.SystemMemory;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Refuses what cannot fit, before it is allocated: a system that lends more memory than it has ends the process once it is
 * used, and a GPU without memory may end it at once.
 */
final class MemoryCheck {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");
    /** What is free has to be so many times the rough bound, for that to do. */
    private static final int AMPLE = 4;

    /** A rough bound that is not worth the time to ask how much is free. */
    private static final double LITTLE = 64 << 20;

    private static final double GIB = 1 << 30;
    /** The least context there is: a model needs one to be planned. */
    private static final ContextOptions SMALL = ContextOptions.builder()
            .contextSize(ContextFit.STEP)
            .batchSize(32)
            .microBatchSize(32)
            .maxSequences(1)
            .build();

    private MemoryCheck() {}

    /** Layers that a model is to have in GPU memory. */
    static int gpuLayers(ModelFiles files, ModelOptions options) {
        if (options.gpuLayers == null) {
            return ModelOptions.ALL_LAYERS;
        }
        if (options.gpuLayers != ModelOptions.FITTING_LAYERS) {
            return options.gpuLayers;
        }
        boolean nothingToChoose = Boolean.TRUE.equals(options.vocabularyOnly)
                || ModelParams.gpus(options).isEmpty();
        return nothingToChoose ? ModelOptions.ALL_LAYERS : LayerFit.largest(files, options);
    }

    /** Refuses a model whose weights cannot fit, or that leaves no room for the context that it is to have. */
    static void model(ModelFiles files, ModelOptions options, int gpuLayers) {
        if (!options.memoryCheck || Boolean.TRUE.equals(options.vocabularyOnly) || isSmall(files, options, gpuLayers)) {
            return;
        }
        ContextOptions context = options.roomFor == null ? SMALL : options.roomFor;
        Optional<MemoryPlan> plan = plan(() -> {
            try (MemoryPlanner planner = MemoryPlanner.open(files, options, gpuLayers)) {
                return planner.plan(context);
            }
        });
        plan.flatMap(MemoryCheck::shortage).ifPresent(shortage -> {
            throw new InsufficientMemoryException(
                    "Cannot load %s: %s%n%s%nTo need less: a file with fewer bits for each weight%s"
                            .formatted(files.name(), shortage, plan.get(), advice(files, options)),
                    plan.get());
        });
    }

    private static String advice(ModelFiles files, ModelOptions options) {
        boolean unsafe = files.loadMode() == LoadMode.READ && options.loadMode != LoadMode.READ;
        String why = unsafe ? " (loadMode AUTO reads it, because others may write to it)" : "";
        String mapped = ModelParams.maps(options, files) ? "" : ", or loadMode(MEMORY_MAPPED)" + why;
        String layers = ModelParams.gpus(options).isEmpty() ? "" : ", or gpuLayers(GpuLayers.AUTO), or expertsOnCpu()";
        String room = options.roomFor == null ? "" : ", or a smaller context in roomFor(…)";
        return mapped + layers + room;
    }

    private static boolean isSmall(ModelFiles files, ModelOptions options, int gpuLayers) {
        double weights =
                files.files().stream().mapToDouble(file -> file.fileSize()).sum();
        return options.roomFor == null && isAmple(weights, ModelParams.gpus(options), gpuLayers);
    }

    /** Whether several times a bound is free everywhere. */
    private static boolean isAmple(double bound, List<Device> gpus, int gpuLayers) {
        return bound <= LITTLE
                || (AMPLE * bound <= SystemMemory.now().available() && AMPLE * bound <= leastFree(gpus, gpuLayers));
    }

    private static long leastFree(List<Device> gpus, int gpuLayers) {
        return gpuLayers == 0
                ? Long.MAX_VALUE
                : gpus.stream().mapToLong(Device::freeMemory).min().orElse(Long.MAX_VALUE);
    }

    /** Tokens that a context is to hold. */
    static int contextSize(LlamaModel model, ContextOptions options) {
        int size = ContextParams.contextSize(options, model);
        if (size != ContextOptions.FITTING_CONTEXT) {
            return size;
        }
        try (MemoryPlanner planner = MemoryPlanner.like(model)) {
            return ContextFit.largest(options, model, tokens -> beside(planner.plan(options, tokens)));
        }
    }

    /** What is free already has the weights taken away from it, but those that are pages of the file. */
    private static MemoryPlan beside(MemoryPlan plan) {
        return new MemoryPlan(
                plan.devices().stream()
                        .map(use -> new MemoryUse(
                                use.device(),
                                use.mappedWeights(),
                                use.mappedWeights(),
                                use.cache(),
                                use.compute(),
                                use.output(),
                                use.free()))
                        .toList(),
                plan.contextSize(),
                plan.gpuLayers(),
                plan.contexts());
    }

    /** Refuses a context that cannot fit. */
    static void context(LlamaModel model, ContextOptions options, int contextSize, MemorySegment params) {
        if (!model.options().memoryCheck) {
            return;
        }
        double bound = MemoryBound.context(model, options, params);
        if (isAmple(bound, ModelParams.gpus(model.options()), model.gpuLayers())) {
            return;
        }
        Optional<MemoryPlan> plan = plan(() -> {
            try (MemoryPlanner planner = MemoryPlanner.like(model)) {
                return planner.plan(options, contextSize).ofContexts();
            }
        });
        plan.flatMap(MemoryCheck::shortage).ifPresent(shortage -> {
            throw new InsufficientMemoryException(
                    "Cannot make a context of %d tokens for %s: %s%n%s%nTo need less: contextSize (ContextSize.AUTO takes what fits), maxSequences, a quantised kvCacheType, microBatchSize"
                            .formatted(contextSize, model, shortage, plan.get()),
                    plan.get());
        });
    }

    /** Plans something; empty where that fails, so that the real attempt tells why. */
    private static Optional<MemoryPlan> plan(Supplier<MemoryPlan> planning) {
        try {
            return Optional.of(planning.get());
        } catch (LlamaException e) {
            LOG.log(Level.DEBUG, "Memory is not planned", e);
            return Optional.empty();
        }
    }

    /** What there is too little of, in words. */
    private static Optional<String> shortage(MemoryPlan plan) {
        List<String> discrete = Device.all().stream()
                .filter(device -> device.type() == DeviceType.GPU)
                .map(Device::name)
                .toList();
        SystemMemory memory = SystemMemory.now();
        // A GPU that shares the system's memory, or may page to it, knows better than these figures.
        boolean paging = System.getenv("GGML_CUDA_ENABLE_UNIFIED_MEMORY") != null;
        String shortages = plan.devices().stream()
                .filter(use -> use.isHost()
                        ? !MemoryMargin.canBeHad(use.needed(), memory)
                        : !use.fits() && !paging && discrete.contains(use.device()))
                .map(use -> String.format(
                        Locale.ROOT,
                        "%s needs %.1f GiB, %.1f GiB are free",
                        use.device(),
                        use.needed() / GIB,
                        use.free() / GIB))
                .collect(Collectors.joining("; "));
        return shortages.isEmpty() ? Optional.empty() : Optional.of(shortages);
    }
}
