package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.panllama.cli.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    @Test
    void whatWasWrittenIsReadAndWrittenAgainAsItWas() {
        String text =
                "{\"a\": {\"b\": [1, -2.5, 1.0E-5, true, false, null, {}, []]}, \"c\\n\\\"\": \"\\u0007 ü \\\\\"}";
        assertThat(Json.write(JsonText.object(text))).isEqualTo(text);
        assertThat(JsonText.object(" {\n} ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "1",
                "{",
                "{\"a\"",
                "{\"a\": }",
                "{\"a\": 1,}",
                "{\"a\": \"b",
                "{} {}",
                "{\"a\": \"\\u00"
            })
    void whatIsNoObjectIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonText.object(text));
    }
}
