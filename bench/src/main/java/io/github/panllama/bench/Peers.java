package io.github.panllama.bench;

import io.github.panllama.Llama;
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
}
