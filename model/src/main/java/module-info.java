import org.jspecify.annotations.NullMarked;

/** A small model that really answers, packed as a resource, for tests and first steps. */
@NullMarked
module io.github.panllama.tinymodel {
    requires static org.jspecify;

    exports io.github.panllama.tinymodel;
}
