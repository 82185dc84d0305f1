package io.github.panllama.abuse;

import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateException;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
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
