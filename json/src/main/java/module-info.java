import org.jspecify.annotations.NullMarked;

/** Java types as JSON schemas, and what models write as Java values, by Jackson. */
@NullMarked
module io.github.panllama.json {
    requires transitive io.github.panllama;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports io.github.panllama.json;

    provides io.github.panllama.chat.JsonBinding with
            io.github.panllama.json.JacksonBinding;
}
