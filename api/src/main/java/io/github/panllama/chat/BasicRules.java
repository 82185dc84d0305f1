package io.github.panllama.chat;

/** The rules of JSON itself, each made when it is first asked for. */
final class BasicRules {
    /** The rule of any JSON, which names itself. */
    static final String VALUE = "value";

    /** A character that stands for itself. */
    private static final String PLAIN = "[^\"\\\\\\x7F\\x00-\\x1F]";

    /** An escape. Two halves of a character are one, and none stands alone. */
    private static final String ESCAPE = "\"\\\\\" ( [\"\\\\/bfnrt] | \"u\" ( [0-9a-cefA-CEF] [0-9a-fA-F]{3}"
            + " | [dD] [0-7] [0-9a-fA-F]{2}"
            + " | [dD] [89abAB] [0-9a-fA-F]{2} \"\\\\u\" [dD] [c-fC-F] [0-9a-fA-F]{2} ) )";

    private static final String WHOLE = "( \"0\" | [1-9] [0-9]{0,15} )";

    private final GrammarRules rules;

    BasicRules(GrammarRules rules) {
        this.rules = rules;
    }

    /** Nothing, a space, or one or two new lines with some spaces, as llama.cpp has it. */
    String space() {
        return rules.add("space", "( \" \" | \"\\n\"{1,2} [ \\t]{0,20} )?");
    }

    String plain() {
        return rules.add("plain", PLAIN);
    }

    /** A character of a string, one code point. */
    String character() {
        return rules.add("char", plain() + " | " + rules.add("escape", ESCAPE));
    }

    String string() {
        return rules.add("string", "\"\\\"\" " + character() + "* \"\\\"\"");
    }

    String integer() {
        return rules.add("integer", "\"-\"? " + WHOLE);
    }

    /** With exponents that a double has room for. */
    String number() {
        return rules.add("number", "\"-\"? " + WHOLE + " ( \".\" [0-9]{1,16} )? ( [eE] [-+]? [0-9]{1,2} )?");
    }

    String truth() {
        return rules.add("boolean", "\"true\" | \"false\"");
    }

    String nothing() {
        return rules.add("null", "\"null\"");
    }

    /** An array of what is between its brackets. */
    String array(String elements) {
        return "\"[\" " + space() + " " + (elements.isEmpty() ? "" : elements + " " + space() + " ") + "\"]\"";
    }

    /** A name, a colon and a value. */
    String field(String name, String value) {
        return name + " " + space() + " \":\" " + space() + " " + value;
    }

    /** Any JSON. */
    String value() {
        String space = space();
        String more = " ( \",\" " + space + " ";
        String field = rules.add("field", field(string(), VALUE));
        String object =
                rules.add("object", "\"{\" " + space + " ( " + field + more + field + " )* " + space + " )? \"}\"");
        String array =
                rules.add("array", "\"[\" " + space + " ( " + VALUE + more + VALUE + " )* " + space + " )? \"]\"");
        rules.define(VALUE, String.join(" | ", object, array, string(), number(), truth(), nothing()));
        return VALUE;
    }
}
