package io.github.panllama.chat;

import io.github.panllama.SamplerStage;
import io.github.panllama.internal.JsonParser;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A JSON schema that a text can be held to while it is generated.
 *
 * <p>Known are {@code type}, {@code properties}, {@code required}, {@code additionalProperties}, {@code items},
 * {@code prefixItems}, {@code minItems}, {@code maxItems}, {@code enum}, {@code const}, {@code anyOf}, {@code oneOf},
 * {@code allOf} of objects, {@code $ref} within the schema, {@code minLength}, {@code maxLength}, {@code pattern},
 * {@code minimum}, {@code maximum}, {@code exclusiveMinimum}, {@code exclusiveMaximum}, and the formats {@code date},
 * {@code time}, {@code date-time}, {@code duration}, {@code uuid}; other formats mean nothing. Descriptions and other
 * annotations are left to the reader. A keyword that asks for more is refused, so that what comes is as the schema says:
 * {@code oneOf} alone is taken for {@code anyOf}.
 *
 * <p>As with llama.cpp, an object has the properties that it requires first, each kind in the order of the schema, and
 * no others unless {@code additionalProperties} is given.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class JsonSchema {
    private final String json;
    private final String grammar;

    private JsonSchema(String json) {
        this.json = ToolSchema.check("json", json);
        // As C would get it: a lone surrogate is a question mark.
        String seen = new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        this.grammar = new SamplerStage.Grammar(SchemaGrammar.of(JsonParser.parse(seen))).text();
    }

    /**
     * A schema as it is written.
     *
     * @param json the schema, of at most 262,144 characters and 64 levels
     * @throws IllegalArgumentException if it is no JSON, has a keyword that cannot be held to, allows nothing, or would take
     *     too much memory or time; the message names the place
     */
    public static JsonSchema of(String json) {
        return new JsonSchema(json);
    }

    /**
     * The schema of a Java type.
     *
     * @throws IllegalArgumentException if the type cannot be bound
     * @throws IllegalStateException if there is no {@link JsonBinding}
     */
    public static JsonSchema of(Type type) {
        Objects.requireNonNull(type, "type");
        return new JsonSchema(JsonBinding.load().schema(type));
    }

    /** The schema, as it is written. */
    public String json() {
        return json;
    }

    /** The grammar, in GBNF, of the JSON texts that the schema allows; it starts with the rule {@code root}. */
    public String grammar() {
        return grammar;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonSchema schema && json.equals(schema.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    @Override
    public String toString() {
        return json;
    }
}
