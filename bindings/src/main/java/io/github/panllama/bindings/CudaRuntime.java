package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The libraries of NVIDIA that the CUDA plugin needs: the driver's, and those of the CUDA toolkit, which may lie anywhere.
 * They are opened from where they are found before the plugin is; it then finds them by their names.
 */
final class CudaRuntime {
    static final String PATH_PROPERTY = "panllama.cuda.path";
    static final String PATH_VARIABLE = "PANLLAMA_CUDA_PATH";

    static final String DRIVER = "libcuda.so.1";
    // cublas needs cublasLt.
    private static final List<String> TOOLKIT = List.of("cudart", "cublasLt", "cublas").stream()
            .map(name -> "lib" + name + ".so." + Pin.CUDA_MAJOR)
            .toList();

    private static final String SYSTEM = "the system's path";
    private static final Map<String, CudaLibrary> OPENED = new LinkedHashMap<>();

    private CudaRuntime() {}

    /** Whether the machine shows an NVIDIA GPU: the driver's device file, or the one that WSL has instead. */
    static boolean gpuPresent() {
        return gpuPresent(Path.of("/"));
    }

    /** A container may be given any of the machine's cards: its only device file need not be the first. */
    static boolean gpuPresent(Path root) {
        return !DriverIdentity.matching(root, "dev/nvidia[0-9]*").isEmpty()
                || Files.exists(root.resolve("proc/driver/nvidia/version"))
                || (Files.exists(root.resolve("dev/dxg"))
                        && Files.exists(root.resolve("usr/lib/wsl/lib/libcuda.so.1")));
    }

    /**
     * What is missing, as far as that can be told without the driver's library: where a GPU is present, that may do
     * anything when it is opened.
     *
     * @return what is missing and what to do, or {@code null} when nothing is known to be
     */
    static @Nullable String missing() {
        return gpuPresent() && openToolkit() == null ? null : open();
    }

    /**
     * Opens the libraries.
     *
     * @return what is missing and what to do, or {@code null} when nothing is
     */
    static @Nullable String open() {
        List<String> faults = new ArrayList<>();
        String driver = open(List.of(), DRIVER);
        if (driver != null) {
            faults.add(driver + " (no NVIDIA driver is installed, or this container was started without its GPU)");
        }
        String toolkit = openToolkit();
        if (toolkit != null) {
            faults.add(toolkit);
        }
        return faults.isEmpty() ? null : String.join("; ", faults);
    }

    /** What was opened, in that order. */
    static List<CudaLibrary> libraries() {
        synchronized (OPENED) {
            return List.copyOf(OPENED.values());
        }
    }

    private static @Nullable String openToolkit() {
        Collection<CudaFolder> folders = CudaFolders.of(
                System.getProperty(PATH_PROPERTY, ""),
                System.getenv(),
                Path.of(System.getProperty("user.home")),
                Path.of("/"));
        List<String> faults = new ArrayList<>();
        for (String name : TOOLKIT) {
            String fault = open(folders, name);
            if (fault != null) {
                faults.add(fault);
            }
        }
        return faults.isEmpty() ? null : "%s (%s)".formatted(String.join("; ", faults), advice(folders));
    }

    static String advice(Collection<CudaFolder> folders) {
        String looked = folders.isEmpty()
                ? "nowhere but on the system's own path"
                : folders.stream()
                        .map(folder -> folder.path().toString())
                        .collect(Collectors.joining(", ", "in ", " and on the system's own path"));
        return ("looked %s; install the CUDA %s runtime and cuBLAS, with the system's packages or by `pip install"
                        + " nvidia-cuda-runtime nvidia-cublas` of version %s, or name their folder with -D%s or %s")
                .formatted(looked, Pin.CUDA_MAJOR, Pin.CUDA_MAJOR, PATH_PROPERTY, PATH_VARIABLE);
    }

    /**
     * Opens a library from the first folder from which it can be opened, else from where the system finds it.
     *
     * @return the linker's words, of the first file that was there, when it cannot
     */
    static @Nullable String open(Collection<CudaFolder> folders, String name) {
        String first = null;
        for (CudaFolder folder : folders) {
            Path file = folder.path().resolve(name);
            if (Files.exists(file)) {
                String fault = openLibrary(file.toString());
                if (fault == null) {
                    remember(new CudaLibrary(name, file, folder.origin()));
                    return null;
                }
                first = first == null ? fault : first;
            }
        }
        String fault = openLibrary(name);
        if (fault == null) {
            remember(new CudaLibrary(name, mapped(name), SYSTEM));
            return null;
        }
        return first == null ? fault : first;
    }

    private static void remember(CudaLibrary library) {
        synchronized (OPENED) {
            OPENED.putIfAbsent(library.name(), library);
        }
    }

    /** The file of an open library that was found by its name; the name itself where the system does not tell. */
    static Path mapped(String name) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            String stem = name.replaceFirst("\\.so.*", ".so");
            return lines.filter(line -> line.indexOf('/') >= 0)
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .filter(file -> String.valueOf(file.getFileName()).startsWith(stem))
                    .findFirst()
                    .orElse(Path.of(name));
        } catch (IOException | UncheckedIOException e) {
            return Path.of(name);
        }
    }

    /** Opens a library for good; the linker's words when it cannot. */
    private static @Nullable String openLibrary(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return LlamaC.panllama_library_open(arena.allocateFrom(path)) == LlamaC.PANLLAMA_OK()
                    ? null
                    : Status.lastError();
        }
    }
}
