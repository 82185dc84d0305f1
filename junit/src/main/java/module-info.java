import org.jspecify.annotations.NullMarked;

/** A gate for JUnit 5: a build fails when its model falls under a bound. */
@NullMarked
module io.github.panllama.junit {
    requires transitive io.github.panllama;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports io.github.panllama.junit;

    opens io.github.panllama.junit to
            org.junit.platform.commons;
}
