package io.github.panllama.bench;

import io.github.panllama.Llama;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** How llama.cpp's own programs are run. */
final class Peers {
    private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";

    /** Runs a program, and ends it when standard input ends: with this JVM, however that ends. */
    private static final String BOUND = """
            exec 3<&0
            "$@" </dev/null 3<&- &
            program=$!
            { read -r _ <&3; kill -KILL "$program"; } >/dev/null 2>&1 &
            watcher=$!
            exec 3<&- 2>/dev/null
            wait "$program"
            code=$?
            kill "$watcher" 2>/dev/null
            exit "$code"
            """;

    private Peers() {}

    /** The folders of the libraries that this JVM has loaded, that of llama.cpp first. */
    static List<Path> libraryFolders() {
        return Llama.libraries().stream()
                .map(library -> library.path().getParent())
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** A process over the libraries that this JVM has loaded. */
    static ProcessBuilder process(List<String> command) {
        return process(command, libraryFolders());
    }

    /**
     * A process in the first of the folders, where it looks for the CPU's plugins. What was opened of CUDA from anywhere,
     * the linker finds only in folders that it is told.
     */
    static ProcessBuilder process(List<String> command, List<Path> libraryFolders) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(libraryFolders.getFirst().toFile());
        String folders = libraryFolders.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        builder.environment().merge(LIBRARY_PATH, folders, (before, more) -> more + File.pathSeparator + before);
        return builder;
    }

    /** A command that ends with whoever holds the other end of its standard input, also where that is killed. */
    static List<String> bound(List<String> command) {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", BOUND, "sh"));
        all.addAll(command);
        return all;
    }

    /** Starts a process that ends with this JVM, if that does not end by a signal that nothing can be done about. */
    static Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        Thread end = new Thread(process::destroy, "panllama-peer-end");
        Runtime.getRuntime().addShutdownHook(end);
        CompletableFuture<Void> _ = process.onExit().thenRun(() -> forget(end));
        return process;
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: this JVM ends.
        }
    }
}
