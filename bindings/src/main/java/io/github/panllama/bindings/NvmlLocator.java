package io.github.panllama.bindings;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where NVML may lie: the file that was named, and it alone; else what the system finds by the library's name, else the
 * places that containers, WSL and NixOS have it in without telling the system.
 */
final class NvmlLocator {
    static final String PATH_PROPERTY = "panllama.nvml.path";
    static final String PATH_VARIABLE = "PANLLAMA_NVML_PATH";

    private static final String LINUX_NAME = "libnvidia-ml.so.1";
    private static final String WINDOWS_NAME = "nvml.dll";
    private static final List<String> LINUX_FOLDERS = List.of(
            "/usr/lib/wsl/lib",
            "/usr/local/nvidia/lib64",
            "/usr/local/nvidia/lib",
            "/run/opengl-driver/lib",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64");

    private NvmlLocator() {}

    /** What to open, best first: names without a folder are the system's to find. */
    static List<String> candidates(String property, Map<String, String> environment, Platform platform) {
        String name = name(platform);
        String named = property.isBlank() ? environment.getOrDefault(PATH_VARIABLE, "") : property;
        if (!named.isBlank()) {
            return List.of(named(named, name));
        }
        List<String> candidates = new ArrayList<>(List.of(name));
        for (String folder : folders(environment, platform)) {
            Path file = Path.of(folder, name);
            if (Files.exists(file)) {
                candidates.add(file.toString());
            }
        }
        return candidates;
    }

    private static String named(String named, String name) {
        try {
            Path path = Path.of(named).toAbsolutePath();
            return (Files.isDirectory(path) ? path.resolve(name) : path).toString();
        } catch (InvalidPathException noPath) {
            return named; // which cannot be opened either
        }
    }

    /** The folders that are looked into besides the system's own path. */
    static List<String> folders(Map<String, String> environment, Platform platform) {
        return platform.os().equals("windows")
                ? List.of(environment.getOrDefault("ProgramFiles", "C:\\Program Files") + "\\NVIDIA Corporation\\NVSMI")
                : LINUX_FOLDERS;
    }

    static String name(Platform platform) {
        return platform.os().equals("windows") ? WINDOWS_NAME : LINUX_NAME;
    }

    /** Why none of the candidates could be opened, and what to do. */
    static String fault(List<String> candidates, Map<String, String> environment, Platform platform) {
        String name = name(platform);
        List<String> files =
                candidates.stream().filter(candidate -> !candidate.equals(name)).toList();
        String found = files.isEmpty()
                ? "%s was not found on the system's own path, nor in %s"
                        .formatted(name, String.join(", ", folders(environment, platform)))
                : "%s cannot be opened".formatted(String.join(", ", files));
        return "NVIDIA's management library is missing: %s (no NVIDIA driver is installed, or this container was"
                        .formatted(found)
                + " started without its GPU; another place of the file can be named with -D%s or %s)"
                        .formatted(PATH_PROPERTY, PATH_VARIABLE);
    }
}
