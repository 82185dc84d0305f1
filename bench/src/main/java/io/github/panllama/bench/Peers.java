package io.github.panllama.bench;

import io.github.panllama.Llama;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** How llama.cpp's own programs are run. */
final class Peers {
    private Peers() {}

    /** A process in the folder of the libraries that this JVM has loaded: there it looks for the CPU's plugins. */
    static ProcessBuilder process(List<String> command) {
        Path libraries =
                Objects.requireNonNull(Llama.libraries().getFirst().path().getParent());
        return new ProcessBuilder(command).directory(libraries.toFile());
    }

    /** Starts a process that ends with this JVM, however that ends. */
    static Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        Thread end = new Thread(process::destroy, "panllama-peer-end");
        Runtime.getRuntime().addShutdownHook(end);
        return process;
    }
}
