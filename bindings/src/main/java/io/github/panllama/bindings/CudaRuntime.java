package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The libraries of NVIDIA that the CUDA plugin needs: the driver's, and those of the CUDA toolkit, which may lie anywhere.
 * They are opened from where they are found before the plugin is; it then finds them by their names.
 */
final class CudaRuntime {
    static final String PATH_PROPERTY = "panllama.cuda.path";
    static final String PATH_VARIABLE = "PANLLAMA_CUDA_PATH";

    private static final String DRIVER = "libcuda.so.1";
    // cublas needs cublasLt.
    private static final List<String> TOOLKIT = List.of("cudart", "cublasLt", "cublas").stream()
            .map(name -> "lib" + name + ".so." + Pin.CUDA_MAJOR)
            .toList();

    private CudaRuntime() {}

    /** Whether the machine shows an NVIDIA GPU: the driver's device file, or the one that WSL has instead. */
    static boolean gpuPresent() {
        return Files.exists(Path.of("/dev/nvidia0"))
                || Files.exists(Path.of("/proc/driver/nvidia/version"))
                || (Files.exists(Path.of("/dev/dxg")) && Files.exists(Path.of("/usr/lib/wsl/lib/libcuda.so.1")));
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
        String driver = openLibrary(DRIVER);
        if (driver != null) {
            faults.add(driver + " (no NVIDIA driver is installed, or this container was started without its GPU)");
        }
        String toolkit = openToolkit();
        if (toolkit != null) {
            faults.add(toolkit);
        }
        return faults.isEmpty() ? null : String.join("; ", faults);
    }

    private static @Nullable String openToolkit() {
        List<Path> folders = folders(
                System.getProperty(PATH_PROPERTY, ""), System.getenv(), Path.of(System.getProperty("user.home")));
        List<String> toolkit = new ArrayList<>();
        for (String name : TOOLKIT) {
            String fault = openFrom(folders, name);
            if (fault != null) {
                toolkit.add(fault);
            }
        }
        if (toolkit.isEmpty()) {
            return null;
        }
        String looked = folders.isEmpty()
                ? "nowhere but on the system's own path"
                : folders.stream()
                        .map(Path::toString)
                        .collect(Collectors.joining(", ", "in ", " and on the system's own path"));
        return "%s (looked %s; install the CUDA %s runtime and cuBLAS, or name their folder with -D%s or %s)"
                .formatted(String.join("; ", toolkit), looked, Pin.CUDA_MAJOR, PATH_PROPERTY, PATH_VARIABLE);
    }

    /** Existing folders that may hold the toolkit's libraries, best first. */
    static List<Path> folders(String property, Map<String, String> environment, Path home) {
        Set<Path> folders = new LinkedHashSet<>();
        addToolkit(folders, property);
        addToolkit(folders, environment.getOrDefault(PATH_VARIABLE, ""));
        addToolkit(folders, environment.getOrDefault("CUDA_PATH", ""));
        addToolkit(folders, "/usr/local/cuda");
        for (String prefix : List.of(
                environment.getOrDefault("VIRTUAL_ENV", ""),
                environment.getOrDefault("CONDA_PREFIX", ""),
                home.resolve(".local").toString(),
                "/usr/local",
                "/usr")) {
            addPython(folders, prefix);
        }
        return folders.stream().filter(Files::isDirectory).toList();
    }

    private static void addToolkit(Set<Path> folders, String root) {
        if (!root.isBlank()) {
            Path path = Path.of(root).toAbsolutePath();
            folders.add(path);
            folders.add(path.resolve("lib64"));
            folders.add(path.resolve("lib"));
            folders.add(path.resolve("targets/x86_64-linux/lib"));
            folders.add(path.resolve("targets/sbsa-linux/lib"));
        }
    }

    /** pip's nvidia-cuda-runtime, nvidia-cublas and their like. */
    private static void addPython(Set<Path> folders, String prefix) {
        if (prefix.isBlank() || !Files.isDirectory(Path.of(prefix, "lib"))) {
            return;
        }
        try (DirectoryStream<Path> pythons = Files.newDirectoryStream(Path.of(prefix, "lib"), "python3*")) {
            for (Path python : pythons) {
                for (String packages : List.of("site-packages", "dist-packages")) {
                    Path nvidia = python.resolve(packages).resolve("nvidia");
                    folders.add(nvidia.resolve("cu" + Pin.CUDA_MAJOR).resolve("lib"));
                    folders.add(nvidia.resolve("cuda_runtime/lib"));
                    folders.add(nvidia.resolve("cublas/lib"));
                }
            }
        } catch (IOException e) {
            // A folder that cannot be read is one place less to look in.
        }
    }

    private static @Nullable String openFrom(List<Path> folders, String name) {
        for (Path folder : folders) {
            Path file = folder.resolve(name);
            if (Files.exists(file) && openLibrary(file.toString()) == null) {
                return null;
            }
        }
        return openLibrary(name);
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
