import org.jspecify.annotations.NullMarked;

/** Large language models in the JVM, over llama.cpp. */
@NullMarked
module io.github.panllama {
    requires io.github.panllama.bindings;
    requires jdk.jfr;
    requires jdk.management; // memory of machines other than Linux
    requires static transitive org.jspecify;

    exports io.github.panllama;
    exports io.github.panllama.chat;
    exports io.github.panllama.embedding;
    exports io.github.panllama.engine;
    exports io.github.panllama.evaluation;
    exports io.github.panllama.gguf;
    exports io.github.panllama.gpu;
    exports io.github.panllama.synthetic;

    uses io.github.panllama.chat.JsonBinding;
}
