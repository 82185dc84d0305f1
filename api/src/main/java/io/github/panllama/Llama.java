package io.github.panllama;

import io.github.panllama.bindings.CacheFolder;
import io.github.panllama.bindings.NativeRuntime;
import io.github.panllama.bindings.gen.LlamaC;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What is known of the native library in this process: its version, its files, and what it could not use. */
public final class Llama {
    private Llama() {}

    /**
     * One file of the native library.
     *
     * @param name what it is, such as {@code libllama}
     * @param path where it was loaded from
     * @param origin how it was found, such as the jar's cache or {@code -Dpanllama.library.path}
     */
    public record NativeLibrary(String name, Path path, String origin) {
        /** Refuses {@code null}. */
        public NativeLibrary {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(origin, "origin");
        }
    }

    /**
     * Something that was expected and is not used.
     *
     * @param what the device, backend or library
     * @param reason why not, with the missing file, symbol or version
     */
    public record Unavailable(String what, String reason) {
        /** Refuses {@code null}. */
        public Unavailable {
            Objects.requireNonNull(what, "what");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * Loads the native library now rather than at its first use.
     *
     * @throws NativeLibraryException if it cannot be found, loaded or trusted
     */
    public static void initialize() {
        Natives.load();
    }

    /** The llama.cpp release that this library is made for, such as {@code 0.5.0}. */
    public static String release() {
        return Natives.load().release();
    }

    /** The version that the loaded library gives itself. ({@code llama_version}) */
    public static String version() {
        return Natives.load().version();
    }

    /** The platform of the native library, such as {@code linux-x86_64}. */
    public static String platform() {
        return Natives.load().platform();
    }

    /**
     * Every file of the native library in this process, in the order in which they were loaded; then NVIDIA's libraries
     * that were opened for its CUDA plugin.
     */
    public static List<NativeLibrary> libraries() {
        NativeRuntime runtime = Natives.load();
        return Stream.concat(
                        runtime.libraries().stream()
                                .map(library -> new NativeLibrary(
                                        library.name(),
                                        library.path(),
                                        library.origin().toString())),
                        runtime.cudaLibraries().stream()
                                .map(library -> new NativeLibrary(library.name(), library.path(), library.origin())))
                .toList();
    }

    /** The variant of the CPU backend that was chosen for this processor, such as {@code zen4}. */
    public static Optional<String> cpuVariant() {
        return Optional.ofNullable(Natives.load().cpuVariant());
    }

    /** Every device, backend or library that was expected and is not used, with the reason. */
    public static List<Unavailable> unavailable() {
        return Natives.load().unavailable().stream()
                .map(missing -> new Unavailable(missing.what(), missing.reason()))
                .toList();
    }

    /** The instruction sets and features that the loaded backends use. ({@code llama_print_system_info}) */
    public static String systemInfo() {
        Natives.load();
        return Natives.string(LlamaC.llama_print_system_info()).strip();
    }

    /**
     * The user's cache folder, into which jars with native libraries are unpacked: {@code panllama.cache}, else
     * {@code PANLLAMA_CACHE}, else where the system keeps such things. It may not be there yet. Loads nothing.
     */
    public static Path cacheFolder() {
        return CacheFolder.ofUser();
    }

    /** The largest number of sequences in one context. */
    public static int maxSequences() {
        Natives.load();
        return Math.toIntExact(LlamaC.llama_max_parallel_sequences());
    }

    static NativeLibraryException noGpu() {
        NativeRuntime runtime = Natives.load();
        StringBuilder message = new StringBuilder("A GPU is required and none is usable.");
        if (runtime.unavailable().isEmpty()) {
            message.append(" No GPU backend was found: add the dependency io.github.panllama:panllama-native-cuda13,")
                    .append(" classifier ")
                    .append(runtime.platform());
        }
        runtime.unavailable()
                .forEach(missing -> message.append(System.lineSeparator())
                        .append("  ")
                        .append(missing.what())
                        .append(": ")
                        .append(missing.reason()));
        return new NativeLibraryException(message.toString(), null);
    }
}
