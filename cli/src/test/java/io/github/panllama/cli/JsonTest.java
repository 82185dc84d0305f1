package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void writesEveryKindOfValue() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("list", Arrays.asList(1, 2.5, true, null, "x"));
        map.put("empty", List.of());
        assertThat(Json.write(map)).isEqualTo("{\"list\": [1, 2.5, true, null, \"x\"], \"empty\": []}");
    }

    @Test
    void escapesWhatJsonAndTerminalsMustNotSee() {
        assertThat(Json.write("\"\\\n\r\t\0\u001b\u007f\u009b"))
                .isEqualTo("\"\\\"\\\\\\n\\r\\t\\u0000\\u001b\\u007f\\u009b\"");
    }

    @Test
    void keepsCharactersOutsideTheBasicPlaneAndEscapesHalvesOfThem() {
        assertThat(Json.write("é😀")).isEqualTo("\"é😀\"");
        assertThat(Json.write("\ud83d!")).isEqualTo("\"\\ud83d!\"");
        assertThat(Json.write("!\ude00")).isEqualTo("\"!\\ude00\"");
    }

    @Test
    void numbersThatJsonLacksBecomeStrings() {
        assertThat(Json.write(List.of(Double.NaN, Float.NEGATIVE_INFINITY))).isEqualTo("[\"NaN\", \"-Infinity\"]");
    }

    @Test
    void whatItReadsItWrites() {
        String text = "{\"a\": [1, {\"b\": \"\\u001b😀\"}], \"c\": null, \"d\": -1.5}";
        assertThat(Json.write(JsonReader.read(text))).isEqualTo(text);
    }

    @Test
    void refusesOtherObjects() {
        assertThatThrownBy(() -> Json.write(new Object())).isInstanceOf(IllegalArgumentException.class);
    }
}
