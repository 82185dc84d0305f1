package io.github.panllama.chat;

import static io.github.panllama.chat.ChatMessage.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is refused of a tool's schema, and that what is used in practice is not. */
class ToolSchemaTest {
    private static ChatTool tool(String schema) {
        return new ChatTool("t", "", schema);
    }

    private static void refuses(String schema, String... words) {
        assertThatThrownBy(() -> tool(schema))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("parameters")
                .hasMessageContainingAll(words);
    }

    /** A chain of definitions, each of which refers to the next one. */
    private static String chain(int length, String link) {
        return "{\"$ref\":\"#/$defs/a0\",\"$defs\":{"
                + IntStream.range(0, length)
                        .mapToObj(i -> "\"a%d\":%s,".formatted(i, link.replace("NEXT", "#/$defs/a" + (i + 1))))
                        .collect(Collectors.joining())
                + "\"a" + length + "\":{\"type\":\"string\"}}}";
    }

    private static String properties(int count) {
        return "\"properties\":{"
                + IntStream.range(0, count)
                        .mapToObj(i -> "\"p%d\":{\"type\":\"string\"}".formatted(i))
                        .collect(Collectors.joining(","))
                + "}";
    }

    @Test
    void chainsOfReferencesAreRefused() {
        refuses(chain(300, "{\"$ref\":\"NEXT\"}"), "256");
        refuses(chain(150, "{\"properties\":{\"x\":{\"$ref\":\"NEXT\"}}}"), "302 schemas in one another", "256");
        refuses(chain(100, "{\"type\":[\"array\",\"null\"],\"items\":{\"$ref\":\"NEXT\"}}"), "302 schemas", "256");
        assertThat(tool(chain(100, "{\"properties\":{\"x\":{\"$ref\":\"NEXT\"}}}"))
                        .name())
                .isEqualTo("t");
    }

    @Test
    void aChainIsFoundInWhateverOrderItIsGoneThrough() {
        // Each definition is named at the top too, the last one first, so that none is far when it is come to.
        String named = IntStream.iterate(299, i -> i >= 0, i -> i - 1)
                .mapToObj(i -> "{\"$ref\":\"#/$defs/a%d\"}".formatted(i))
                .collect(Collectors.joining(","));
        refuses(
                chain(300, "{\"anyOf\":[{\"$ref\":\"NEXT\"}]}")
                        .replaceFirst(
                                "\\{\"\\$ref\":\"#/\\$defs/a0\"",
                                "{\"anyOf\":[%s]".formatted(named).replace("$", "\\$")),
                "256");
    }

    @Test
    void circlesThatLeadNowhereAreRefusedAndTreesAreNot() throws IOException {
        refuses(
                "{\"allOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}}}",
                "\"#/$defs/a\" refers to itself");
        ChatTool tree = tool("""
                {"type": "object", "properties": {"root": {"$ref": "#/$defs/node"}}, "$defs": {
                  "node": {"type": "object", "properties": {
                    "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}""");
        try (LlamaModel model = ChatModels.load()) {
            ChatPrompt prompt = ChatTemplate.of(model, ChatModels.bundledTemplate())
                    .render(
                            List.of(user("Hi")),
                            ChatTemplateOptions.builder().tools(List.of(tree)).build());
            assertThat(prompt.toolGrammar()).contains("children");
        }
    }

    @Test
    void manySchemasAndNamesAreRefused() {
        refuses("{\"type\":\"object\"," + properties(513) + "}", "513 properties in one object", "512");
        assertThat(tool("{\"type\":\"object\"," + properties(512) + "}").name()).isEqualTo("t");
        String half = "{" + properties(300) + "}";
        refuses(
                "{\"allOf\":[{\"$ref\":\"#/$defs/a\"},{\"anyOf\":[{\"$ref\":\"#/$defs/a\"}]}],\"$defs\":{\"a\":%s}}"
                        .formatted(half),
                "600 properties in one object");
        refuses("{\"properties\":{\"%s\":{}}}".formatted("_".repeat(257)), "\"____", "257 characters", "256");
        refuses("{\"$ref\":\"#/%s\"}".formatted("_".repeat(511)), "513 characters", "512");
        String types = "{\"type\":[\"object\",\"array\"],\"properties\":{\"a\":";
        refuses(types.repeat(20) + "{}" + "}}".repeat(20), "each as often as it is written out", "10000");
        refuses("{\"enum\":[\"%s\"]}".formatted("a".repeat(1 << 18)), "262157 characters", "262144");
    }

    @Test
    void whatIsNoJsonIsSaid() {
        refuses("", "it ends where a value should be");
        refuses("{\"type\": }", "column 10");
        refuses("{\"a\": 1, \"a\": 2}", "the field a is there twice");
    }
}
