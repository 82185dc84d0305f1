package io.github.panllama.cli;

import io.github.panllama.ContextOptions;
import io.github.panllama.KvCacheType;
import io.github.panllama.ModelOptions;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say what a model computes with. */
final class MachineFlags {
    @Option(
            names = "--kv-type",
            paramLabel = "T",
            description = "Number format of the KV cache: ${COMPLETION-CANDIDATES} (default: f16).")
    private @Nullable KvCacheType kvType;

    @Option(
            names = "--gpu-layers",
            paramLabel = "N|all",
            converter = Layers.class,
            description = "Layers to keep on the GPU; 0 for the CPU alone (default: all that there is a GPU for).")
    private @Nullable Integer gpuLayers;

    @Option(
            names = "--no-memory-check",
            description = "Try to load even what the memory plan says cannot fit. What does not may end the process.")
    private boolean noMemoryCheck;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that compute on the CPU (default: half of the processors).")
    private @Nullable Integer threads;

    ModelOptions.Builder modelOptions() {
        return UsageException.checking(() -> {
            ModelOptions.Builder builder = ModelOptions.builder().memoryCheck(!noMemoryCheck);
            return gpuLayers == null ? builder : builder.gpuLayers(gpuLayers);
        });
    }

    /** Sets what was given. */
    void apply(ContextOptions.Builder builder) {
        if (kvType != null) {
            builder.kvCacheType(kvType);
        }
        if (threads != null) {
            builder.threads(threads);
        }
    }

    /** The threads, where they were given. */
    Optional<Integer> threads() {
        return Optional.ofNullable(threads);
    }

    /** The layers, where they were given. */
    Optional<Integer> gpuLayers() {
        return Optional.ofNullable(gpuLayers);
    }

    /** The format of the KV cache as it is written on the command line, where it was given. */
    Optional<String> kvType() {
        return Optional.ofNullable(kvType).map(type -> type.name().toLowerCase(Locale.ROOT));
    }

    /** A number, or {@code all}. */
    static final class Layers implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (text.equalsIgnoreCase("all")) {
                return ModelOptions.ALL_LAYERS;
            }
            try {
                int layers = Integer.parseInt(text);
                if (layers >= 0) {
                    return layers;
                }
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw new TypeConversionException("'" + text + "' is neither a number of layers nor 'all'");
        }
    }
}
