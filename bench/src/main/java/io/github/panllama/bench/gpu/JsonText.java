package io.github.panllama.bench.gpu;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads back what {@link io.github.panllama.cli.Json} has written: maps, lists, strings, numbers (a {@link Long} or a
 * {@link Double}), booleans, {@code null}.
 */
final class JsonText {
    private static final ObjectReader OBJECTS = JsonMapper.builder()
            .enable(DeserializationFeature.USE_LONG_FOR_INTS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(new TypeReference<Map<String, @Nullable Object>>() {});

    private JsonText() {}

    /**
     * An object, its fields in their order.
     *
     * @throws IllegalArgumentException if the text is none
     */
    static Map<String, @Nullable Object> object(String text) {
        try {
            return OBJECTS.readValue(text);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
