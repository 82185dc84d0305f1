package io.github.panllama.abuse;

import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateException;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.JsonSchema;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Schemas of tools that would take more stack or memory than there is. */
final class SchemaCases {
    private static final String TEMPLATE = "{% for t in tools %}{{ t | tojson }}{% endfor %}"
            + "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for c in m.tool_calls %}"
            + "<call>{{ c.function.name }}<args>{{ c.function.arguments | tojson }}</call>{% endfor %}</m>{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";

    private SchemaCases() {}

    static void register(AbuseCases cases) {
        // How many schemas a link is, of which 256 may lie in one another.
        link(cases, "references", 1, "{\"$ref\":\"NEXT\"}");
        link(cases, "objects", 2, "{\"type\":\"object\",\"properties\":{\"x\":{\"$ref\":\"NEXT\"}}}");
        link(cases, "lists of several types", 3, "{\"type\":[\"array\",\"null\"],\"items\":{\"$ref\":\"NEXT\"}}");
        link(cases, "choices", 2, "{\"anyOf\":[{\"$ref\":\"NEXT\"}]}");
        link(cases, "unions", 2, "{\"allOf\":[{\"$ref\":\"NEXT\"}]}");
        link(cases, "other properties", 2, "{\"additionalProperties\":{\"$ref\":\"NEXT\"}}");
        link(cases, "tuples", 2, "{\"items\":[{\"$ref\":\"NEXT\"}]}");
        for (int length : new int[] {250, 1_000, 20_000, 100_000}) {
            String name = "_".repeat(length);
            boolean fits = length < 256;
            bounded(
                    cases,
                    "a schema with a property of %d characters".formatted(length),
                    fits,
                    "{\"type\":\"object\",\"properties\":{\"" + name + "\":{}},\"additionalProperties\":true}");
            bounded(
                    cases,
                    "a schema with a reference of %d characters".formatted(length),
                    fits,
                    "{\"properties\":{\"a\":{\"$ref\":\"#/%s\"}},\"%s\":{\"type\":\"string\"}}".formatted(name, name));
            bounded(
                    cases,
                    "a schema with %d properties".formatted(2 * length),
                    2 * length <= 512,
                    "{\"properties\":{\"o\":{\"properties\":{%s}}}}"
                            .formatted(IntStream.range(0, 2 * length)
                                    .mapToObj(i -> "\"p%d\":{}".formatted(i))
                                    .collect(Collectors.joining(","))));
        }
        bounded(cases, "a schema of several types in each other", false, types(30));
        bounded(
                cases,
                "a schema that refers to itself",
                false,
                "{\"allOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}}}");
        numbers(cases);
        grammars(cases);
    }

    /** Schemas that a text is held to. */
    private static void grammars(AbuseCases cases) {
        held(cases, "60,000 schemas in each other", "{\"items\":".repeat(60_000) + "{}" + "}".repeat(60_000));
        held(cases, "60,000 choices in each other", "{\"anyOf\":[".repeat(60_000) + "{}" + "]}".repeat(60_000));
        held(cases, "a pattern of 60,000 groups", pattern("(".repeat(60_000) + "a" + ")".repeat(60_000)));
        held(cases, "a pattern of 200 groups", pattern("(".repeat(200) + "a" + ")".repeat(200)));
        held(cases, "a pattern of repetitions in each other", pattern("((a{1000}){1000}){1000}"));
        held(cases, "a pattern of repetitions without an end in each other", pattern("^((a+)*)*b$"));
        held(cases, "a pattern that repeats often", pattern("a{0,999999}"));
        held(cases, "a pattern that looks back", pattern("^(a+)\\\\1+$"));
        held(cases, "a text of a length without measure", "{\"minLength\":2000000000}");
        held(cases, "a list of a length without measure", "{\"maxItems\":1000000}");
        held(cases, "lists in lists", "{\"minItems\":2000,\"items\":".repeat(3) + "{}" + "}".repeat(3));
        held(cases, "a bound of many digits", "{\"type\":\"integer\",\"minimum\":1e999999999}");
        held(cases, "a bound of many digits behind the point", "{\"minimum\":1e-999999999}");
        held(cases, "a bound that is written long", "{\"minimum\":0." + "1".repeat(10_000) + "}");
        held(cases, "a schema that is its own choice", own("{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{}]}"));
        held(cases, "a schema that is its own union", own("{\"allOf\":[{\"$ref\":\"#/$defs/a\"}]}"));
        held(cases, "a schema that refers to all of it", "{\"$ref\":\"#/\"}");
        held(cases, "doubling choices", doubling(40));
        for (int length : new int[] {1_000, 4_000}) {
            held(cases, "a chain of " + length, chain(length, "{\"$ref\":\"NEXT\"}"));
        }
        cases.livesOr(
                "a schema of all printable names and others",
                f -> hold(
                        f,
                        "{\"additionalProperties\":true,\"properties\":{%s}}"
                                .formatted(IntStream.range(0, 300)
                                        .mapToObj(i -> "\"%s\":{}".formatted(Integer.toString(i * 7919, 36)))
                                        .collect(Collectors.joining(",")))),
                IllegalArgumentException.class);
        cases.lives(
                "a schema that contains itself",
                f -> hold(f, own("{\"properties\":{\"x\":{\"$ref\":\"#/$defs/a\"}}}")));
    }

    private static void held(AbuseCases cases, String name, String schema) {
        cases.rejects("to be held to " + name, IllegalArgumentException.class, f -> hold(f, schema));
    }

    private static void hold(AbuseFixture f, String schema) {
        SamplerStage grammar = new SamplerStage.Grammar(JsonSchema.of(schema).grammar());
        try (Sampler sampler = Sampler.of(f.model(), grammar, new SamplerStage.Greedy())) {
            sampler.sample(new float[512]);
        }
    }

    private static String pattern(String pattern) {
        return "{\"pattern\":\"" + pattern + "\"}";
    }

    private static String own(String schema) {
        return "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":" + schema + "}}";
    }

    /** Each definition is one of two that both are the next one. */
    private static String doubling(int length) {
        return chain(
                length,
                "{\"anyOf\":[{\"anyOf\":[{\"$ref\":\"NEXT\"},{\"const\":1}]},"
                        + "{\"anyOf\":[{\"$ref\":\"NEXT\"},{\"const\":2}]}]}");
    }

    private static void link(AbuseCases cases, String kind, int schemas, String link) {
        for (int length : new int[] {20, 250 / schemas, 260 / schemas, 1_000, 4_000}) {
            bounded(
                    cases,
                    "a schema with a chain of %d %s".formatted(length, kind),
                    length * schemas <= 250,
                    chain(length, link));
        }
    }

    private static void numbers(AbuseCases cases) {
        for (String bounds : List.of(
                "\"minimum\":5,\"maximum\":1",
                "\"minimum\":1000,\"maximum\":-1000",
                "\"minimum\":-9223372036854775808,\"maximum\":-9223372036854775807",
                "\"maximum\":-9223372036854775808",
                "\"exclusiveMinimum\":9223372036854775807",
                "\"exclusiveMaximum\":-9223372036854775808",
                "\"minimum\":1e300,\"maximum\":-1e300",
                "\"minimum\":99999999999999999999")) {
            cases.livesOr(
                    "a schema of a number with " + bounds,
                    f -> render(f, "{\"properties\":{\"n\":{\"type\":\"integer\",%s}}}".formatted(bounds)),
                    ChatTemplateException.class);
        }
    }

    private static void bounded(AbuseCases cases, String name, boolean fits, String schema) {
        if (fits) {
            cases.lives(name, f -> render(f, schema));
        } else {
            cases.rejects(name, IllegalArgumentException.class, f -> render(f, schema));
        }
    }

    private static void render(AbuseFixture f, String schema) {
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .tools(List.of(new ChatTool("t", "", schema)))
                .build();
        ChatTemplate.of(f.model(), TEMPLATE).render(List.of(ChatMessage.user("Hello")), options);
    }

    private static String chain(int length, String link) {
        return "{\"$ref\":\"#/$defs/a0\",\"$defs\":{"
                + IntStream.range(0, length)
                        .mapToObj(i -> "\"a%d\":%s,".formatted(i, link.replace("NEXT", "#/$defs/a" + (i + 1))))
                        .collect(Collectors.joining())
                + "\"a" + length + "\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}}}}}";
    }

    private static String types(int depth) {
        return "{\"type\":[\"object\",\"array\"],\"properties\":{\"a\":".repeat(depth) + "{}" + "}}".repeat(depth);
    }
}
