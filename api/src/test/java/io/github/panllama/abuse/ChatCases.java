package io.github.panllama.abuse;

import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatParseException;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatRole;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateException;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.ToolCall;
import io.github.panllama.synthetic.Architecture;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Chat templates that are broken, too deep or too long; messages, schemas and replies likewise. */
final class ChatCases {
    private static final List<ChatMessage> HELLO = List.of(ChatMessage.user("Hello"));

    /** Asks for tools, thinking and calls, so that all of the native code takes part. */
    private static final String WHOLE = "{% for t in tools %}{{ t.function.name }} {{ t | tojson }}{% endfor %}"
            + "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for c in m.tool_calls %}"
            + "<call>{{ c.function.name }}<args>{{ c.function.arguments | tojson }}</call>{% endfor %}</m>{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";

    private ChatCases() {}

    static void register(AbuseCases cases) {
        cases.family("chat");
        brokenTemplates(cases);
        deepTemplates(cases);
        messages(cases);
        json(cases);
        SchemaCases.register(cases);
        replies(cases);
    }

    private static ChatPrompt render(AbuseFixture f, String template, ChatTemplateOptions.Builder options) {
        return ChatTemplate.of(f.model(), template).render(HELLO, options.build());
    }

    private static ChatPrompt render(AbuseFixture f, String template) {
        return render(f, template, ChatTemplateOptions.builder());
    }

    private static void brokenTemplates(AbuseCases cases) {
        List<String> broken = List.of(
                "",
                " ",
                "{{",
                "{%",
                "{#",
                "{{ }}",
                "{% if %}",
                "{% if 1 %}",
                "{% endif %}",
                "{% for %}",
                "{% for x %}",
                "{% for x in %}{% endfor %}",
                "{{ ( }}",
                "{{ 'a }}",
                "{{ 1 + }}",
                "{{ | trim }}",
                "{{ a..b }}",
                "{% macro %}{% endmacro %}",
                "{% set %}",
                "{% call x %}{% endcall %}",
                "{% unknown %}",
                "{{ [1,2 }}",
                "{{ {'a' } }}",
                "{% else %}",
                "{% filter %}a{% endfilter %}",
                "{% break %}",
                "a\0b",
                "{{ '\\u12' }}",
                "{{ 999999999999999999999999 }}",
                "{{ 1e999 }}");
        for (String text : broken) {
            cases.livesOr("the template " + text.replace('\0', '0'), f -> render(f, text), ChatTemplateException.class);
        }
        List<String> failing = List.of(
                "{{ raise_exception('no') }}",
                "{{ undefined_function() }}",
                "{{ messages[99].role }}",
                "{{ none.a }}",
                "{{ 1 / 0 }}",
                "{{ 1 % 0 }}",
                "{{ 1 // 0 }}",
                "{{ 'a' | unknown }}",
                "{{ 'a' is unknown }}",
                "{{ 1 < 'a' }}",
                "{{ messages | join }}",
                "{{ range(1, 10, 0) | list }}",
                "{{ 5 is divisibleby(0) }}",
                "{{ 5 is divisibleby 0 }}",
                "{{ [5] | selectattr('a', 'divisibleby', 0) | list }}",
                "{{ 5 is not divisibleby(5 - 5) }}",
                "{{ test_is_divisibleby(5, 0) }}",
                "{{ 'a'[9] }}",
                "{{ 'abc'[5:1:-1] }}",
                "{{ 'abc'[::0] }}",
                "{{ strftime_now('%Q%') }}",
                "{{ messages | tojson(indent=-5) }}",
                "{{ 'a'.replace('', 'b') }}",
                "{{ 'a'.split('') }}",
                "{{ 'a' | indent(-3) }}",
                "{{ namespace(1) }}",
                "{{ [] | first }}",
                "{{ [] | max }}",
                "{{ 9223372036854775807 + 1 }}",
                "{{ -9223372036854775808 // -1 }}");
        for (String text : failing) {
            cases.livesOr("rendering " + text, f -> render(f, text), ChatTemplateException.class);
        }
        divisions(cases);
        cases.rejects("a template of 2 MiB", ChatTemplateException.class, f -> render(f, "a".repeat(2 << 20)));
        for (LocalDateTime time : List.of(LocalDateTime.MIN, LocalDateTime.MAX)) {
            cases.livesOr(
                    "the time " + time,
                    f -> render(
                            f,
                            "{{ strftime_now('%Y %c') }}{{ date_string }}",
                            ChatTemplateOptions.builder().time(time)),
                    ChatTemplateException.class);
        }
        cases.rejects(
                "a template in a file that is no text",
                ChatTemplateException.class,
                f -> ChatTemplate.of(f.model(), f.file()));
        cases.rejects(
                "a template in a file that is not there",
                UncheckedIOException.class,
                f -> ChatTemplate.of(f.model(), Path.of("nowhere.jinja")));
        cases.rejects(
                "a template of a name that is not there",
                IllegalArgumentException.class,
                f -> ChatTemplate.named(f.model(), "nothing"));
        cases.rejects(
                "a reply's schema that nests too deep",
                IllegalArgumentException.class,
                f -> ChatTemplateOptions.builder().responseSchema("[".repeat(1000) + "]".repeat(1000)));
        cases.rejects(
                "an effort that is no word",
                IllegalArgumentException.class,
                f -> ChatTemplateOptions.builder().reasoningEffort("low\", \"a\": \""));
        cases.lives("a model without a template", f -> ChatTemplate.of(f.model(Architecture.MAMBA2)));
        cases.lives(
                "a template without messages in it", f -> render(f, "constant").parse("text"));
    }

    /** In native code a division by zero is a signal. The name of the test that divides may come from anywhere. */
    private static void divisions(AbuseCases cases) {
        List<ChatMessage> named = List.of(ChatMessage.user("divisibleby"));
        for (String name : List.of(
                "'divisibleby'",
                "'divisi' ~ 'bleby'",
                "'divisibleby(1)'[:11]",
                "'divisibleby 1'.split(' ')[0]",
                "'DIVISIBLEBY' | lower",
                "messages[0].content")) {
            for (String divided : List.of(
                    "[5] | select(NAME, 0)",
                    "[5] | reject(NAME, 0)",
                    "[{'a': 5}] | selectattr('a', NAME, 0)",
                    "[{'a': 5}] | rejectattr('a', NAME, 0)",
                    "[-9223372036854775807 - 1] | select(NAME, -1)")) {
                String text = "{{ %s | list }}".formatted(divided.replace("NAME", name));
                cases.rejects(
                        "rendering " + text,
                        ChatTemplateException.class,
                        f -> ChatTemplate.of(f.model(), text).render(named));
            }
        }
        cases.lives("a division by three", f -> render(f, "{{ [5, 6] | select('divisi' ~ 'bleby', 3) | list }}"));
    }

    private static void deepTemplates(AbuseCases cases) {
        Map<String, String[]> deep = Map.ofEntries(
                Map.entry("brackets", new String[] {"{{ ", "(", "1", ")", " }}"}),
                Map.entry("lists", new String[] {"{{ ", "[", "1", "]", " }}"}),
                Map.entry("objects", new String[] {"{{ ", "{'a':", "1", "}", " }}"}),
                Map.entry("sums", new String[] {"{{ 1", "+1", "", "", " }}"}),
                Map.entry("conditions", new String[] {"{{ 1", " and 1", "", "", " }}"}),
                Map.entry("choices", new String[] {"{{ ", "1 if 0 else ", "1", "", " }}"}),
                Map.entry("filters", new String[] {"{{ 'a'", "|trim", "", "", " }}"}),
                Map.entry("tests", new String[] {"{{ 1", " is defined", "", "", " }}"}),
                Map.entry("members", new String[] {"{{ messages", ".a", "", "", " }}"}),
                Map.entry("indexes", new String[] {"{{ 'a'", "[0]", "", "", " }}"}),
                Map.entry("calls", new String[] {"{{ 'a'", ".strip()", "", "", " }}"}),
                Map.entry("negations", new String[] {"{{ ", "not ", "1", "", " }}"}),
                Map.entry("signs", new String[] {"{{ ", "- ", "1", "", " }}"}),
                Map.entry("ifs", new String[] {"", "{% if 1 %}", "a", "{% endif %}", ""}),
                Map.entry("elifs", new String[] {"{% if 0 %}", "{% elif 0 %}", "", "", "{% endif %}"}),
                Map.entry("loops", new String[] {"", "{% for x in [1] %}", "a", "{% endfor %}", ""}),
                Map.entry("macros", new String[] {"", "{% macro a() %}", "a", "{% endmacro %}", ""}),
                Map.entry("filter blocks", new String[] {"", "{% filter trim %}", "a", "{% endfilter %}", ""}),
                Map.entry("set blocks", new String[] {"", "{% set a %}", "a", "{% endset %}", ""}));
        for (Map.Entry<String, String[]> kind : new TreeMap<>(deep).entrySet()) {
            String[] part = kind.getValue();
            for (int depth : new int[] {30, 300, 3_000, 50_000}) {
                String template = part[0] + part[1].repeat(depth) + part[2] + part[3].repeat(depth) + part[4];
                AbuseCase.Action action = f -> render(f, template);
                if (depth < 3_000) {
                    cases.livesOr(depth + " " + kind.getKey(), action, ChatTemplateException.class);
                } else {
                    cases.rejects(depth + " " + kind.getKey(), ChatTemplateException.class, action);
                }
            }
        }
    }

    private static void messages(AbuseCases cases) {
        cases.rejects(
                "no messages",
                IllegalArgumentException.class,
                f -> ChatTemplate.of(f.model()).render(List.of()));
        cases.rejects(
                "messages of 128 MiB",
                IllegalArgumentException.class,
                f -> ChatTemplate.of(f.model()).render(List.of(ChatMessage.user("a".repeat(128 << 20)))));
        for (String text : new String[] {"\0", "\ud800", "\udc00\ud800", "\uffff", "\u202e", "<|bos|>".repeat(100)}) {
            String name = "a message of "
                    + text.codePoints().mapToObj(Integer::toHexString).limit(3).toList();
            cases.lives(name, f -> {
                List<ChatMessage> messages = List.of(
                        ChatMessage.system(text),
                        ChatMessage.user(text),
                        new ChatMessage(ChatRole.ASSISTANT, text, text, List.of(), text, text),
                        ChatMessage.user(text));
                ChatPrompt prompt = ChatTemplate.of(f.model(), WHOLE).render(messages);
                prompt.tokens();
                prompt.parse(text);
                prompt.parsePartial(text);
            });
        }
        cases.lives(
                "10,000 messages",
                f -> ChatTemplate.of(f.model(), WHOLE).render(Collections.nCopies(10_000, ChatMessage.user("a"))));
    }

    private static void json(AbuseCases cases) {
        for (String schema : List.of(
                "",
                "{",
                "[]",
                "1",
                "null",
                "\"a\"",
                "{\"type\":1}",
                "{\"type\":\"unknown\"}",
                "{\"$ref\":\"#\"}",
                "{\"$ref\":\"#/a/b\"}",
                "{\"pattern\":\"((((\",\"type\":\"string\"}",
                "{\"type\":\"string\",\"minLength\":5,\"maxLength\":1}",
                "{\"enum\":[]}",
                "{\"anyOf\":[]}",
                "{\"type\":\"array\",\"minItems\":-1}",
                "{\"type\":\"object\",\"properties\":[]}",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}}}",
                "{\"required\":\"a\"}",
                "{\"type\":\"object\",\"properties\":{\"\0\":{}}}")) {
            cases.livesOr(
                    "a tool with the schema " + schema.replace('\0', '0'),
                    f -> render(f, WHOLE, ChatTemplateOptions.builder().tools(List.of(new ChatTool("t", "", schema)))),
                    ChatTemplateException.class,
                    IllegalArgumentException.class);
        }
        for (int depth : new int[] {20, 60, 1_000, 100_000}) {
            String nested = "{\"type\":\"object\",\"properties\":{\"a\":".repeat(depth) + "{}" + "}}".repeat(depth);
            AbuseCase.Action action =
                    f -> render(f, WHOLE, ChatTemplateOptions.builder().tools(List.of(new ChatTool("t", "", nested))));
            if (depth < 30) {
                cases.livesOr("a schema of depth " + depth, action, ChatTemplateException.class);
            } else {
                cases.rejects("a schema of depth " + depth, IllegalArgumentException.class, action);
            }
            String lists = "[".repeat(depth * 2) + "]".repeat(depth * 2);
            cases.livesOr(
                    "arguments of depth " + depth * 2,
                    f -> ChatTemplate.of(f.model(), WHOLE)
                            .render(List.of(
                                    ChatMessage.user("a"),
                                    new ChatMessage(
                                            ChatRole.ASSISTANT,
                                            "",
                                            "",
                                            List.of(new ToolCall("1", "t", lists)),
                                            "",
                                            ""))),
                    ChatTemplateException.class,
                    IllegalArgumentException.class);
            cases.livesOr(
                    "a template argument of depth " + depth * 2,
                    f -> render(
                            f, "{{ a | tojson }}", ChatTemplateOptions.builder().argument("a", lists)),
                    ChatTemplateException.class,
                    IllegalArgumentException.class);
        }
        for (String value : List.of("", "{", "tru", "'a'", "1 2")) {
            cases.livesOr(
                    "a template argument of " + value,
                    f -> render(f, "{{ a }}", ChatTemplateOptions.builder().argument("a", value)),
                    ChatTemplateException.class);
        }
    }

    private static void replies(AbuseCases cases) {
        ChatTool tool = new ChatTool("t", "", "{\"type\":\"object\",\"properties\":{\"x\":{}}}");
        for (int depth : new int[] {100, 1_000, 100_000}) {
            for (String bracket : new String[] {"[]", "{}"}) {
                String opened = bracket.equals("[]") ? "[" : "{\"x\":";
                String json = opened.repeat(depth) + "1" + bracket.substring(1).repeat(depth);
                Map<String, String> replies = new TreeMap<>(Map.of(
                        "arguments", "<call>t<args>{\"x\":" + json + "}</call>",
                        "content", json,
                        "arguments without an end", "<call>t<args>" + opened.repeat(depth)));
                replies.forEach((kind, reply) -> cases.livesOr(
                        "a reply with %s of %d %s".formatted(kind, depth, bracket),
                        f -> {
                            ChatPrompt prompt = render(
                                    f, WHOLE, ChatTemplateOptions.builder().tools(List.of(tool)));
                            prompt.parsePartial(reply);
                            prompt.parse(reply);
                        },
                        ChatParseException.class));
            }
        }
        cases.lives("a long reply without tools", f -> render(f, WHOLE).parse("[".repeat(1 << 20)));
        cases.livesOr(
                "a reply with a call of a tool that is not there",
                f -> render(f, WHOLE, ChatTemplateOptions.builder().tools(List.of(tool)))
                        .parse("<call>other<args>{}</call>"),
                ChatParseException.class);
    }
}
