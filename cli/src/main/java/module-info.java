import org.jspecify.annotations.NullMarked;

/** The {@code panllama} command. */
@NullMarked
module io.github.panllama.cli {
    requires io.github.panllama;
    requires info.picocli;
    requires java.logging;
    requires static org.jspecify;

    opens io.github.panllama.cli to
            info.picocli;
}
