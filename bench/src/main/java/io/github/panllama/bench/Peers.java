package io.github.panllama.bench;

import io.github.panllama.Llama;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** How llama.cpp's own programs are run. */
final class Peers {
    private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";

    private Peers() {}

    /** A process in the folder of the libraries that this JVM has loaded: there it looks for the CPU's plugins. */
    static ProcessBuilder process(List<String> command) {
        Path libraries =
                Objects.requireNonNull(Llama.libraries().getFirst().path().getParent());
        ProcessBuilder builder = new ProcessBuilder(command).directory(libraries.toFile());
        addLibraries(builder.environment());
        return builder;
    }

    /** What this JVM has opened of CUDA from anywhere, the linker finds only in folders that it is told. */
    private static void addLibraries(Map<String, String> environment) {
        String folders = Llama.libraries().stream()
                .map(library -> library.path().getParent())
                .filter(Objects::nonNull)
                .map(Path::toString)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        environment.merge(LIBRARY_PATH, folders, (before, more) -> more + File.pathSeparator + before);
    }

    /** Starts a process that ends with this JVM, however that ends. */
    static Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        Thread end = new Thread(process::destroy, "panllama-peer-end");
        Runtime.getRuntime().addShutdownHook(end);
        return process;
    }
}
