package com.example.quickstart;

import io.github.panllama.*;
import io.github.panllama.chat.*;
import io.github.panllama.engine.*;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** The Java snippets of docs/structured-output.md: see {@link Snippets}. */
final class StructuredSnippets {
    private StructuredSnippets() {}

    record Invoice(
            @Description("Who has to pay") String customer,
            LocalDate date,
            Currency currency,
            @Size(max = 20) List<Item> items,
            Optional<String> note) {}

    record Item(String name, @Range(min = 1) int count, @Range(min = 0) BigDecimal price) {}

    enum Currency {
        EUR,
        USD,
        @Description("Swiss franc")
        CHF
    }

    static Invoice invoice(LlamaEngine engine, String prompt) {
        JsonSchema schema = JsonSchema.of(Invoice.class);
        CompletionRequest request = CompletionRequest.builder(prompt)
                .sampling(SamplingOptions.builder().grammar(schema.grammar()).build())
                .maxTokens(1000)
                .build();
        CompletionResult result = engine.generate(request).await();
        return (Invoice) JsonBinding.load().read(result.text(), Invoice.class);
    }

    static JsonSchema written() {
        JsonSchema schema = JsonSchema.of("""
                {"type": "object",
                 "properties": {
                   "mood": {"enum": ["good", "bad"]},
                   "score": {"type": "number", "minimum": 0, "maximum": 1},
                   "since": {"type": "string", "format": "date"}},
                 "required": ["mood", "score"]}""");
        return schema;
    }

    sealed interface Shape permits Circle, Box {}

    record Circle(double radius) implements Shape {}

    record Box(double width, double height) implements Shape {}

    record Place(@Description("Such as Bern") String town, Optional<Integer> days) {}

    static Tool record() {
        Tool weather = Tool.of("weather", "The weather of a town", Place.class, place -> forecast(place.town()));
        return weather;
    }

    private static String forecast(String town) {
        return "Sun in " + town;
    }

    static class House {
        @ToolMethod(description = "Turns the lights of a room on or off")
        public String lights(@Description("Such as kitchen") String room, boolean on) {
            return room + (on ? " is light" : " is dark");
        }

        @ToolMethod(name = "heat", description = "Sets the temperature of a room, in degrees Celsius")
        public void heating(String room, @Range(min = 5, max = 25) int degrees) {}
    }

    static List<Tool> methods() {
        List<Tool> tools = Tool.methodsOf(new House());
        return tools;
    }

    static Tool raw() {
        Tool clock = Tool.of(
                new ChatTool("clock", "The time of day", "{\"type\": \"object\", \"properties\": {}}"),
                arguments -> java.time.LocalTime.now().toString());
        return clock;
    }

    static ChatPrompt prompt(ChatTemplate template, List<Tool> tools, List<ChatMessage> messages) {
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .tools(tools.stream().map(Tool::declaration).toList())
                .build();
        return template.render(messages, options);
    }
}
