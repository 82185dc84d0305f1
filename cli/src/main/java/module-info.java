import org.jspecify.annotations.NullMarked;

/** The {@code panllama} command. */
@NullMarked
@SuppressWarnings("module") // bench is compiled after it
module io.github.panllama.cli {
    requires io.github.panllama;
    requires io.github.panllama.tinymodel;
    requires info.picocli;
    requires org.jline.reader;
    requires java.logging;
    // Ctrl-C that stops an answer and not the program.
    requires jdk.unsupported;
    requires static org.jspecify;

    exports io.github.panllama.cli to
            io.github.panllama.bench;
    exports io.github.panllama.cli.bench to
            io.github.panllama.bench;

    opens io.github.panllama.cli to
            info.picocli;
}
