import org.jspecify.annotations.NullMarked;

/**
 * llama.cpp as C sees it: what jextract generates from its headers, the loading of its libraries, and the few calls of
 * the Foreign Function and Memory API that are restricted. An inner room of panllama: applications use
 * {@code io.github.panllama}.
 */
@NullMarked
module io.github.panllama.bindings {
    requires static org.jspecify;

    exports io.github.panllama.bindings to
            io.github.panllama,
            io.github.panllama.bench;
    exports io.github.panllama.bindings.process to
            io.github.panllama;
    exports io.github.panllama.bindings.gen.nvml to
            io.github.panllama;
    exports io.github.panllama.bindings.gen to
            io.github.panllama,
            io.github.panllama.bench;
}
