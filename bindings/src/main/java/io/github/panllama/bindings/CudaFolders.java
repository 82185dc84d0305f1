package io.github.panllama.bindings;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the folders that may hold the libraries of the CUDA toolkit: those that the user names, those of an installed
 * toolkit, and those of Python's {@code nvidia-*} packages. Python itself is not run.
 */
final class CudaFolders {
    private static final List<String> VARIABLES =
            List.of(CudaRuntime.PATH_VARIABLE, "CUDA_PATH", "CUDA_HOME", "CUDA_ROOT");
    private static final List<String> LIBRARIES =
            List.of("", "lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib");
    private static final List<String> PYTHON_LIBRARIES = List.of("lib", "lib64");
    private static final List<String> PYTHON_PACKAGES = List.of("site-packages", "dist-packages");
    private static final List<String> PARTS =
            List.of("nvidia/cu" + Pin.CUDA_MAJOR + "/lib", "nvidia/cuda_runtime/lib", "nvidia/cublas/lib");

    private final Map<String, String> environment;
    private final Path home;
    private final Path root;
    private final Map<Path, CudaFolder> found = new LinkedHashMap<>();

    private CudaFolders(Map<String, String> environment, Path home, Path root) {
        this.environment = environment;
        this.home = home;
        this.root = root;
    }

    /**
     * Existing folders, best first.
     *
     * @param property the value of {@link CudaRuntime#PATH_PROPERTY}; blank where it is not set
     * @param home the user's
     * @param root of the file system, below which toolkits and Pythons are installed
     */
    static Collection<CudaFolder> of(String property, Map<String, String> environment, Path home, Path root) {
        CudaFolders folders = new CudaFolders(environment, home, root);
        folders.addNamed(property, "-D" + CudaRuntime.PATH_PROPERTY);
        VARIABLES.forEach(variable -> folders.addNamed(environment.getOrDefault(variable, ""), variable));
        folders.addInstalled();
        folders.addPythons();
        return folders.found.values();
    }

    private void addNamed(String value, String origin) {
        for (String entry : value.split(File.pathSeparator, -1)) {
            if (!entry.isBlank()) {
                addToolkit(path(entry), origin);
                addPackages(path(entry), origin);
            }
        }
    }

    private void addInstalled() {
        Path local = root.resolve("usr/local");
        List<Path> toolkits = new ArrayList<>(List.of(local.resolve("cuda")));
        // The newest first; a library's name has its major version, so that another one's is never taken.
        children(local, "cuda-*").stream().sorted(Comparator.reverseOrder()).forEach(toolkits::add);
        toolkits.add(root.resolve("opt/cuda"));
        toolkits.add(root.resolve("usr/lib/cuda"));
        toolkits.forEach(toolkit -> addToolkit(toolkit, "CUDA toolkit"));
    }

    private void addPythons() {
        for (String entry : entries("PYTHONPATH")) {
            addPackages(path(entry), "PYTHONPATH");
        }
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            for (String prefix : entries(variable)) {
                addPython(path(prefix), variable);
            }
        }
        for (String entry : entries("PATH")) {
            Path folder = path(entry);
            Path prefix = folder.getParent();
            if (prefix != null && (Files.exists(folder.resolve("python3")) || Files.exists(folder.resolve("python")))) {
                addPython(prefix, "Python of PATH");
            }
        }
        List<Path> usual = List.of(
                home.resolve(".local"),
                home.resolve("miniconda3"),
                home.resolve("anaconda3"),
                root.resolve("usr/local"),
                root.resolve("usr"),
                root.resolve("opt/conda"),
                root.resolve("opt/venv"));
        usual.forEach(prefix -> addPython(prefix, "Python packages"));
    }

    private void addToolkit(Path toolkit, String origin) {
        LIBRARIES.forEach(part -> add(toolkit.resolve(part), origin));
    }

    /** Of a Python, or an environment of one: its packages of every version. */
    private void addPython(Path prefix, String origin) {
        for (String library : PYTHON_LIBRARIES) {
            for (Path python : children(prefix.resolve(library), "python3*")) {
                for (String packages : PYTHON_PACKAGES) {
                    addPackages(python.resolve(packages), origin);
                }
            }
        }
    }

    private void addPackages(Path packages, String origin) {
        PARTS.forEach(part -> add(packages.resolve(part), origin));
    }

    private void add(Path folder, String origin) {
        if (Files.isDirectory(folder)) {
            found.putIfAbsent(folder, new CudaFolder(folder, origin));
        }
    }

    private List<String> entries(String variable) {
        return List.of(environment.getOrDefault(variable, "").split(File.pathSeparator, -1)).stream()
                .filter(entry -> !entry.isBlank())
                .toList();
    }

    private Path path(String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            return root.resolve("nowhere"); // a variable that names no path names no folder
        }
    }

    private static List<Path> children(Path folder, String pattern) {
        List<Path> children = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
                entries.forEach(children::add);
            } catch (IOException e) {
                // A folder that cannot be read is one place less to look in.
            }
        }
        return children;
    }
}
