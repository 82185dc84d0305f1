package io.github.panllama.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Templates as people write them pass; those that would overflow a stack do not. */
class TemplateNestingTest {
    private static void passes(String template) {
        assertThat(TemplateNesting.problem(template)).as(template).isEmpty();
    }

    private static void refused(String template, String problem) {
        assertThat(TemplateNesting.problem(template))
                .hasValueSatisfying(text -> assertThat(text).contains(problem));
    }

    @Test
    void ordinaryTemplatesPassHoweverLongTheyGo() {
        String message = """
                {%- for message in messages -%}
                {%- if message['role'] == 'system' -%}{{ '<|system|>' + message.content | trim + '\\n' }}
                {%- elif message.role == "user" -%}{{ "a \\" quote }} {% if %}" ~ (message['content'] or '') }}
                {%- else -%}{# a comment with {% if %} and {{ ((( #}{{ {'a': [1, 2, {'b': 3}]}['a'][0] }}
                {%- set x = 1 -%}{% set block %}text{% endset %}
                {%- endif -%}
                {%- endfor -%}
                {%- macro show(a, b=1) -%}{{ a if b else (a, b) }}{%- endmacro -%}
                {% call show(1) %}x{% endcall %}{% filter upper %}x{% endfilter %}
                """;
        passes(message);
        passes(message.repeat(500));
        passes("");
        passes("{");
        passes("{{");
        passes("{% if");
        passes("}} %} #} ))))");
    }

    @Test
    void bracketsStatementsAndBranchesAreCounted() {
        for (String open : new String[] {"(", "[", "{", "f(", "a["}) {
            passes("{{ " + open.repeat(60));
            refused("{{ " + open.repeat(20_000), "nests deeper");
        }
        for (String open : new String[] {
            "{% if x %}", "{%- for a in b -%}", "{% macro m() %}", "{% set x %}", "{% filter f %}", "{% call m() %}"
        }) {
            passes(open.repeat(60));
            refused(open.repeat(70), "nests deeper");
        }
        passes("{% if a %}{% endif %}".repeat(1000));
        passes("{% if a %}" + "{% elif b %}".repeat(50) + "{% endif %}");
        refused("{% if a %}" + "{% elif b %}".repeat(20_000), "nests deeper");
        passes(("{% if a %}" + "{% elif b %}".repeat(50) + "{% endif %}").repeat(100));
    }

    @Test
    void chainsOfOperatorsAreCounted() {
        for (String link :
                new String[] {"+ a ", "~ 'x' ", "| f ", ".b", "and a ", "not ", "- ", "if a else b ", "is c "}) {
            passes("{{ a " + link.repeat(60) + "}}");
            refused("{{ a " + link.repeat(20_000) + "}}", "chains more than 256 operators");
        }
        passes("{{ [" + "a + b, ".repeat(10_000) + "] }}");
        passes("{{ a + b }}".repeat(10_000));
        refused("{{ f" + "()".repeat(20_000) + "}}", "chains more than");
        refused("{{ " + "f(1 + ".repeat(60) + "1 + ".repeat(200) + "}}", "chains more than");
    }

    @Test
    void stringsAndCommentsCountForNothing() {
        passes("{{ '" + "(".repeat(10_000) + "' }}");
        passes("{{ \"" + "\\\"(".repeat(10_000) + "\" }}");
        passes("{# " + "{% if x %}((((".repeat(10_000) + " #}");
        passes("(((".repeat(10_000));
    }
}
