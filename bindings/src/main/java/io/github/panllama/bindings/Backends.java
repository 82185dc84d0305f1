package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Loads ggml's backends, which ggml itself picks and opens, and keeps account of those that it could not. */
final class Backends {
    static final String CUDA = "cuda";
    private static final int PATH_BYTES = 4096;

    private final List<LoadedLibrary> loaded = new ArrayList<>();
    private final List<Unavailable> unavailable = new ArrayList<>();
    private final List<Path> refused = new ArrayList<>();
    private @Nullable String cpuVariant;
    /** Of {@link #loaded}, which begins with them. */
    private int plugins;

    /**
     * Loads the plugins, then the best CPU variant of the folder.
     *
     * @throws NativeLoadException if no CPU backend could be loaded
     */
    static Backends load(NativeFolder core, List<NativeLocator.Plugin> plugins) {
        Backends backends = new Backends();
        PluginProbe probe = new PluginProbe(core);
        for (NativeLocator.Plugin plugin : plugins) {
            String fault = backends.loadPlugin(plugin, probe);
            if (fault != null) {
                backends.unavailable.add(new Unavailable(plugin.name(), fault));
            }
        }
        if (CudaRuntime.gpuPresent()
                && plugins.stream().noneMatch(plugin -> plugin.name().equals(CUDA))) {
            backends.unavailable.add(new Unavailable(
                    CUDA,
                    "this machine has an NVIDIA GPU, but no CUDA plugin was found: add the dependency "
                            + "io.github.panllama:panllama-native-cuda%s with classifier %s"
                                    .formatted(
                                            Pin.CUDA_MAJOR, Platform.current().classifier())));
        }
        backends.loadCpu(core);
        return backends;
    }

    List<LoadedLibrary> loaded() {
        return List.copyOf(loaded);
    }

    List<LoadedLibrary> plugins() {
        return loaded().subList(0, plugins);
    }

    List<Unavailable> unavailable() {
        return List.copyOf(unavailable);
    }

    @Nullable
    String cpuVariant() {
        return cpuVariant;
    }

    /** Returns why the plugin cannot be used, or {@code null}. */
    private @Nullable String loadPlugin(NativeLocator.Plugin plugin, PluginProbe probe) {
        boolean cuda = plugin.name().equals(CUDA) && Platform.current().isLinux();
        if (cuda) {
            String missing = CudaRuntime.missing(); // before 160 MB are unpacked for nothing
            if (missing != null) {
                return missing;
            }
        }
        try {
            Path file = plugin.file().get();
            String refusal = probe.refusal(plugin, file);
            if (refusal != null) {
                refused.add(file);
                return refusal;
            }
            String missing = cuda ? CudaRuntime.open() : null;
            return missing == null ? loadPlugin(plugin, file) : missing;
        } catch (NativeLoadException e) {
            return e.getMessage();
        }
    }

    private @Nullable String loadPlugin(NativeLocator.Plugin plugin, Path file) {
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture log = NativeLog.capture()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            if (LlamaC.panllama_backend_load(arena.allocateFrom(file.toString()), out) != LlamaC.PANLLAMA_OK()) {
                return Status.lastError();
            }
            MemorySegment registration = out.get(ValueLayout.ADDRESS, 0);
            loaded.add(library(file, plugin.origin()));
            plugins++;
            return LlamaC.ggml_backend_reg_dev_count(registration) > 0
                    ? null
                    : "the plugin found no device: " + String.join("; ", log.lines());
        }
    }

    private void loadCpu(NativeFolder core) {
        try (Arena arena = Arena.ofConfined();
                CpuFolder folder = CpuFolder.of(core, refused);
                NativeLog.Capture log = NativeLog.capture()) {
            Status.check(LlamaC.panllama_backends_load(
                    arena.allocateFrom(folder.path().toString())));
            MemorySegment cpu = LlamaC.ggml_backend_reg_by_name(arena.allocateFrom("CPU"));
            if (Pointers.isNull(cpu)) {
                throw new NativeLoadException("no CPU backend in %s (%s) runs on this processor: %s"
                        .formatted(core.path(), core.origin(), String.join("; ", log.lines())));
            }
            MemorySegment path = arena.allocate(PATH_BYTES);
            Status.check(LlamaC.panllama_library_of(cpu, path, PATH_BYTES));
            Path name = Objects.requireNonNull(Path.of(path.getString(0)).getFileName());
            LoadedLibrary library = library(core.path().resolve(name), core.origin());
            loaded.add(library);
            cpuVariant = variant(library.name());
        }
    }

    /** {@code zen4} of {@code libggml-cpu-zen4.so}; {@code null} where there is but one. */
    static @Nullable String variant(String fileName) {
        String stem = NativeFile.stem(fileName);
        String prefix = "ggml-cpu-";
        return stem != null && stem.startsWith(prefix) ? stem.substring(prefix.length()) : null;
    }

    private static LoadedLibrary library(Path path, Origin origin) {
        return new LoadedLibrary(Objects.requireNonNull(path.getFileName()).toString(), path, origin);
    }
}
