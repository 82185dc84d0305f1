package io.github.panllama.fuzz;

import io.github.panllama.chat.JsonSchema;
import java.util.List;
import java.util.Optional;

/** JSON schemas and the grammars that are made of them: little must not become much. */
public final class SchemaTarget implements FuzzTarget {
    /** However small a schema is, its grammar may have two million characters and names, repetitions written out. */
    private static final long MOST = 512L << 20;

    private static final int MOST_CHARACTERS = 1 << 20;

    @Override
    public void run(byte[] input) throws Exception {
        String text = new Input(input).text();
        Optional<JsonSchema> accepted = Allocation.atMost(MOST, () -> schema(text));
        if (accepted.isPresent()) {
            JsonSchema schema = accepted.get();
            Expect.equal(schema.json(), text, "the schema");
            Expect.that(schema.grammar().contains("root ::= "), "the grammar has a root");
            Expect.that(schema.grammar().length() <= MOST_CHARACTERS, "the grammar is not too long");
            Expect.equal(JsonSchema.of(text).grammar(), schema.grammar(), "two grammars of a schema");
        }
    }

    private static Optional<JsonSchema> schema(String text) {
        try {
            return Optional.of(JsonSchema.of(text));
        } catch (IllegalArgumentException e) {
            Expect.that(e.getMessage() != null, "it says why");
            return Optional.empty();
        }
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                Input.text("""
                        {"type": "object", "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 9},
                        "age": {"type": "integer", "minimum": -3, "exclusiveMaximum": 130}}, "required": ["name"],
                        "additionalProperties": false}"""),
                Input.text("""
                        {"type": "array", "items": {"anyOf": [{"const": 1}, {"enum": ["a", null, true]},
                        {"$ref": "#/$defs/t"}]}, "minItems": 1, "maxItems": 4,
                        "$defs": {"t": {"type": "object", "properties": {"t": {"$ref": "#/$defs/t"}}}}}"""),
                Input.text("""
                        {"allOf": [{"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]{2,3}(x|y)+$"}}},
                        {"properties": {"b": {"format": "date-time"}, "c": {"prefixItems": [{"type": "number"}]}}}]}"""),
                Input.text(
                        "{\"oneOf\": [{\"type\": [\"null\", \"number\"], \"maximum\": 1.5}, {\"format\": \"uuid\"}]}"));
    }
}
