package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries in this process: found, verified, loaded and proved to fit these bindings, once. Nothing else in
 * panllama loads a library, and nothing calls a native function before {@link #get} has returned.
 *
 * <p>Safe for use by any number of threads; those that come first wait for the one that loads.
 */
public final class NativeRuntime {
    private static final Logger LOGGER = System.getLogger("io.github.panllama.bindings");
    private static final Object LOCK = new Object();

    /** How the one attempt ended. */
    private record Attempt(
            @Nullable NativeRuntime runtime, @Nullable NativeLoadException failure) {}

    private static volatile @Nullable Attempt attempt;

    private final NativeFolder core;
    private final Backends backends;
    private final String version;

    private NativeRuntime(NativeFolder core, Backends backends) {
        this.core = core;
        this.backends = backends;
        this.version = Objects.requireNonNullElse(Pointers.string(LlamaC.llama_version()), "");
    }

    /**
     * The runtime, loaded if this is the first call. A failure is remembered: half-loaded libraries cannot be taken out
     * of a process again, so a second call fails like the first.
     *
     * @return the one runtime of this process
     * @throws NativeLoadException if the libraries are missing, damaged, or do not fit
     */
    public static NativeRuntime get() {
        Attempt made = attempt;
        if (made == null) {
            synchronized (LOCK) {
                made = attempt == null ? attempt() : attempt;
                attempt = made;
            }
        }
        Attempt result = Objects.requireNonNull(made);
        if (result.runtime != null) {
            return result.runtime;
        }
        NativeLoadException failure = Objects.requireNonNull(result.failure);
        throw new NativeLoadException(Objects.requireNonNull(failure.getMessage()), failure);
    }

    private static Attempt attempt() {
        try {
            return new Attempt(load(), null);
        } catch (NativeLoadException e) {
            return new Attempt(null, e);
        } catch (IllegalCallerException e) {
            return new Attempt(null, new NativeLoadException(nativeAccessDenied(NativeRuntime.class.getModule()), e));
        } catch (RuntimeException | LinkageError e) {
            return new Attempt(null, new NativeLoadException("the native libraries cannot be loaded: " + e, e));
        }
    }

    private static NativeRuntime load() {
        long begin = System.nanoTime();
        NativeLocator.Located located = NativeLocator.locate();
        NativeFolder core = located.core();
        long found = System.nanoTime();
        loadCore(core);
        long loaded = System.nanoTime();
        NativeRuntime runtime = new NativeRuntime(core, Backends.load(core, located.plugins()));
        LOGGER.log(
                Level.DEBUG,
                () -> "native libraries from %s (%s), ms: found and verified %d, loaded %d, backends %d"
                        .formatted(
                                core.path(),
                                core.origin(),
                                (found - begin) / 1_000_000,
                                (loaded - found) / 1_000_000,
                                (System.nanoTime() - loaded) / 1_000_000));
        runtime.unavailable()
                .forEach(it -> LOGGER.log(Level.INFO, () -> "not used: " + it.what() + ": " + it.reason()));
        return runtime;
    }

    /** Loads the libraries of a folder into this process, without any backend. Once in a process. */
    static void loadCore(NativeFolder core) {
        for (NativeFile file : core.files()) {
            if (file.role().loadedByJava()) {
                loadLibrary(core, file);
            }
        }
        prove(core);
        NativeLog.install();
    }

    private static void loadLibrary(NativeFolder core, NativeFile file) {
        Path path = core.resolve(file);
        try {
            System.load(path.toString());
        } catch (UnsatisfiedLinkError e) {
            throw new NativeLoadException("cannot load %s (%s): %s".formatted(path, core.origin(), e.getMessage()), e);
        }
    }

    private static void prove(NativeFolder core) {
        try {
            AbiProof.check();
        } catch (NativeLoadException e) {
            throw new NativeLoadException(
                    "%s (libraries in %s, %s)".formatted(e.getMessage(), core.path(), core.origin()));
        } catch (ExceptionInInitializerError e) {
            if (e.getCause() instanceof NoSuchElementException missing) { // jextract's lookup of a symbol
                throw new NativeLoadException(
                        "the libraries in %s (%s) are not those of llama.cpp %s: %s"
                                .formatted(core.path(), core.origin(), Pin.RELEASE, missing.getMessage()),
                        missing);
            }
            throw e;
        }
    }

    static String nativeAccessDenied(Module module) {
        String onModulePath = "--enable-native-access=io.github.panllama.bindings";
        String onClassPath = "--enable-native-access=ALL-UNNAMED";
        return module.isNamed()
                ? "Java was told to deny native access: add %s to its options (on the class path: %s)"
                        .formatted(onModulePath, onClassPath)
                : "Java was told to deny native access: add %s to its options (on the module path: %s)"
                        .formatted(onClassPath, onModulePath);
    }

    /** {@return the llama.cpp release that these bindings were generated from, such as {@code 0.5.0}} */
    public String release() {
        return Pin.RELEASE;
    }

    /** {@return what the library calls itself, such as {@code 0.5.0-dev}: {@code llama_version}} */
    public String version() {
        return version;
    }

    /** {@return the operating system and processor, as native jars name them: {@code linux-x86_64}} */
    public String platform() {
        return Platform.current().classifier();
    }

    /** {@return the libraries that were loaded, in order, with those of the backends} */
    public List<LoadedLibrary> libraries() {
        List<LoadedLibrary> libraries = new ArrayList<>();
        for (NativeFile file : core.files()) {
            if (file.role().loadedByJava()) {
                libraries.add(new LoadedLibrary(file.name(), core.resolve(file), core.origin()));
            }
        }
        libraries.addAll(backends.loaded());
        return List.copyOf(libraries);
    }

    /** {@return the libraries of NVIDIA that were opened for the CUDA plugin; none where there are none} */
    public List<CudaLibrary> cudaLibraries() {
        return CudaRuntime.libraries();
    }

    /**
     * {@return the build of the CPU backend that suits this processor best, such as {@code zen4}; {@code null} if there
     * is one only}
     */
    public @Nullable String cpuVariant() {
        return backends.cpuVariant();
    }

    /**
     * What tells one state of the GPUs' side from another: the plugins that are loaded, and the drivers. What is measured
     * on a GPU holds for one such state.
     *
     * @return text; empty where there is no plugin
     */
    public String acceleratorIdentity() {
        String plugins = backends.plugins().stream()
                .map(plugin -> DriverIdentity.stamp(plugin.path()))
                .collect(Collectors.joining("\n"));
        return plugins.isEmpty() ? "" : plugins + '\n' + DriverIdentity.current();
    }

    /** {@return every device or plugin that was expected and is not used, and why} */
    public List<Unavailable> unavailable() {
        return backends.unavailable();
    }
}
