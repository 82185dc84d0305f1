package io.github.panllama.fuzz;

import io.github.panllama.internal.JsonException;
import io.github.panllama.internal.JsonNode;
import io.github.panllama.internal.JsonParser;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The reader of JSON, against Jackson. */
public final class JsonTarget implements FuzzTarget {
    private static final long BASE = 2L << 20;
    /** Each value keeps how it is written, and may be in a hundred others. */
    private static final int BYTES_PER_BYTE = 1024;

    private static final JsonMapper JACKSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Override
    public void run(byte[] input) throws Exception {
        String text = new Input(input).text();
        try {
            JsonNode ours =
                    Allocation.atMost(BASE + (long) BYTES_PER_BYTE * input.length, () -> JsonParser.parse(text));
            Expect.equal(
                    JsonParser.parse(ours.source()).value(), ours.value(), "a value and what is read of its source");
            compare(ours, jackson(text));
        } catch (JsonException e) {
            if (!String.valueOf(e.getMessage()).contains("nests deeper")) {
                refusedByJacksonToo(text, e);
            }
        } catch (StreamConstraintsException e) {
            return; // Jackson's own limit
        }
    }

    private static tools.jackson.databind.JsonNode jackson(String text) {
        return JACKSON.readTree(text);
    }

    private static void refusedByJacksonToo(String text, JsonException e) {
        try {
            tools.jackson.databind.JsonNode node = jackson(text);
            Expect.that(node.isMissingNode(), "Jackson refuses too what is refused because " + e.getMessage());
        } catch (JacksonException refused) {
            return;
        }
    }

    private static void compare(JsonNode ours, tools.jackson.databind.JsonNode theirs) {
        Object value = ours.value();
        switch (value) {
            case null -> Expect.that(theirs.isNull(), "it is null");
            case String text -> Expect.equal(theirs.isString() ? theirs.stringValue() : null, text, "the texts");
            case Boolean truth -> Expect.equal(theirs.isBoolean() ? theirs.booleanValue() : null, truth, "the truths");
            case Double number ->
                Expect.that(
                        theirs.isNumber() && theirs.numberValue().doubleValue() == number,
                        "%s is %s".formatted(theirs, number));
            case List<?> list -> {
                Expect.equal(theirs.isArray() ? theirs.size() : -1, list.size(), "the sizes");
                for (int i = 0; i < list.size(); i++) {
                    compare((JsonNode) list.get(i), theirs.get(i));
                }
            }
            case Map<?, ?> fields -> {
                Expect.equal(theirs.isObject() ? theirs.size() : -1, fields.size(), "the sizes");
                fields.forEach((name, field) -> compare((JsonNode) field, field(theirs, (String) name)));
            }
            default -> throw new AssertionError("a value of " + value.getClass());
        }
    }

    private static tools.jackson.databind.JsonNode field(tools.jackson.databind.JsonNode object, String name) {
        tools.jackson.databind.@Nullable JsonNode field = object.get(name);
        if (field == null) {
            throw new AssertionError("Jackson sees no field " + name);
        }
        return field;
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                Input.text(
                        "{\"a\": [1, -2.5e3, true, false, null, \"x\\n\\u00e9\\ud83d\\ude00\"], \"b\": {\"c\": {}}, \"\": []}"),
                Input.text(" [0, 1e-7, 12345678901234567890, 0.1, -0, 1E400]\n"),
                Input.text("\"\""));
    }
}
