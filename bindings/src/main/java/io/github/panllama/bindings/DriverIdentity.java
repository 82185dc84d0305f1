package io.github.panllama.bindings;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What tells one state of the machine's GPU drivers from another: their versions, their devices, and how they are chosen. */
final class DriverIdentity {
    private static final List<String> CONTENTS = List.of("proc/driver/nvidia/version", "sys/module/amdgpu/version");
    private static final List<String> NAMES = List.of("dev/nvidia*", "dev/dri/*", "dev/kfd*", "dev/dxg*");
    /** The driver's library may lie where distributions, containers and NVIDIA's packages for compatibility put it. */
    private static final List<String> FILES = List.of(
            "usr/share/vulkan/icd.d/*",
            "etc/vulkan/icd.d/*",
            "usr/lib/libcuda.so*",
            "usr/lib/*/libcuda.so*",
            "usr/lib64/libcuda.so*",
            "usr/lib/wsl/lib/libcuda.so*",
            "usr/local/nvidia/lib*/libcuda.so*",
            "usr/local/cuda*/compat/libcuda.so*",
            "run/opengl-driver/lib/libcuda.so*");
    /** Also of what tells where CUDA's libraries are: Python's packages may bring them. */
    private static final List<String> PREFIXES = List.of(
            "CUDA_",
            "NVIDIA_",
            "VK_",
            "GGML_",
            "LD_LIBRARY_PATH",
            "PANLLAMA_CUDA_",
            "VIRTUAL_ENV",
            "CONDA_PREFIX",
            "PYTHONPATH");

    private DriverIdentity() {}

    /** The identity of this machine's, as text. */
    static String current() {
        return of(Path.of("/")) + System.getProperty(CudaRuntime.PATH_PROPERTY, "") + '\n' + choices(System.getenv());
    }

    /** The part of it that files tell, below a root. */
    static String of(Path root) {
        StringBuilder text = new StringBuilder();
        text.append(System.getProperty("os.name"))
                .append(' ')
                .append(System.getProperty("os.version"))
                .append('\n');
        CONTENTS.forEach(file -> text.append(content(root.resolve(file))));
        NAMES.forEach(pattern ->
                matching(root, pattern).forEach(file -> text.append(file).append('\n')));
        FILES.forEach(pattern ->
                matching(root, pattern).forEach(file -> text.append(stamp(file)).append('\n')));
        return text.toString();
    }

    static Map<String, String> choices(Map<String, String> environment) {
        Map<String, String> choices = new TreeMap<>(environment);
        choices.keySet().removeIf(name -> PREFIXES.stream().noneMatch(name::startsWith));
        return choices;
    }

    private static String content(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** Files that match a relative pattern of which stars and brackets stand for parts of names; sorted. */
    static List<Path> matching(Path root, String pattern) {
        List<Path> found = List.of(root);
        for (Path part : Path.of(pattern)) {
            List<Path> next = new ArrayList<>();
            for (Path folder : found) {
                addMatching(next, folder, part.toString());
            }
            found = next;
        }
        return found.stream().sorted().toList();
    }

    private static void addMatching(List<Path> found, Path folder, String name) {
        if (!name.contains("*")) { // and so has no brackets
            Path path = folder.resolve(name);
            if (Files.exists(path)) {
                found.add(path);
            }
            return;
        }
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, name)) {
            files.forEach(found::add);
        } catch (IOException e) {
            // A folder that cannot be read tells nothing.
        }
    }

    /** A file's name, size and time of change. */
    static String stamp(Path file) {
        try {
            return "%s %d %s".formatted(file, Files.size(file), Files.getLastModifiedTime(file));
        } catch (IOException e) {
            return file.toString();
        }
    }
}
