package io.github.panllama.chat;

import java.util.Map;

/** Makes the rule of a string: of some length, of a format, or of a pattern. */
final class StringGrammar {
    /** Above it llama.cpp takes a repetition for one without an end. */
    private static final int MAX_LENGTH = 2000;

    private static final String LEAP_YEAR = "( [0-9]{2} ( \"0\" [48] | [2468] [048] | [13579] [26] )"
            + " | ( \"0\" [48] | [2468] [048] | [13579] [26] ) \"00\" )";

    private static final String YEAR =
            "( [0-9]{3} [1-9] | [0-9]{2} [1-9] \"0\" | \"0\" [1-9] \"00\" | [1-9] [0-9] \"00\" )";

    private static final String DATE = "( " + YEAR + " \"-\" ("
            + " ( \"0\" [13578] | \"1\" [02] ) \"-\" ( \"0\" [1-9] | [12] [0-9] | \"3\" [01] )"
            + " | ( \"0\" [469] | \"11\" ) \"-\" ( \"0\" [1-9] | [12] [0-9] | \"30\" )"
            + " | \"02-\" ( \"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8] ) )"
            + " | " + LEAP_YEAR + " \"-02-29\" )";

    /** Offsets as Java has them, up to 18 hours. */
    private static final String TIME = "( [01] [0-9] | \"2\" [0-3] ) \":\" [0-5] [0-9] \":\" [0-5] [0-9]"
            + " ( \".\" [0-9]{1,9} )? ( \"Z\" | [+-] ( ( \"0\" [0-9] | \"1\" [0-7] ) \":\" [0-5] [0-9] | \"18:00\" ) )";

    private static final String DURATION = durations();

    private static final String UUID = "[0-9a-fA-F]{8} ( \"-\" [0-9a-fA-F]{4} ){3} \"-\" [0-9a-fA-F]{12}";

    private static final Map<String, String> FORMATS = Map.of(
            "date", DATE, "time", TIME, "date-time", DATE + " \"T\" " + TIME, "duration", DURATION, "uuid", UUID);

    private StringGrammar() {}

    static String rule(SchemaFields schema, GrammarRules rules, BasicRules basic, String hint) {
        if (schema.has("pattern")) {
            refuseBeside(schema, "pattern");
            return rules.add(hint, quoted(PatternGrammar.of(schema, rules, basic, hint)));
        }
        String format = schema.has("format") ? FORMATS.get(schema.text("format")) : null;
        if (format != null) {
            refuseBeside(schema, "format");
            return rules.add(schema.text("format"), quoted(format));
        }
        if (!schema.has("minLength") && !schema.has("maxLength")) {
            return basic.string();
        }
        int least = schema.count("minLength", 0, MAX_LENGTH);
        int most = schema.count("maxLength", Integer.MAX_VALUE, MAX_LENGTH);
        if (least > most) {
            throw schema.refusal("minLength is %d and maxLength %d".formatted(least, most));
        }
        String times = "{" + least + "," + (most == Integer.MAX_VALUE ? "" : most) + "}";
        return rules.add(hint, quoted(most == 0 ? "" : basic.character() + times));
    }

    private static void refuseBeside(SchemaFields schema, String keyword) {
        boolean format =
                keyword.equals("pattern") && schema.has("format") && FORMATS.containsKey(schema.text("format"));
        if (format || schema.has("minLength") || schema.has("maxLength")) {
            throw schema.refusal("a length or a format cannot be held to beside " + keyword);
        }
    }

    private static String quoted(String text) {
        return "\"\\\"\" " + text + " \"\\\"\"";
    }

    /** Days, hours, minutes and seconds, no unit between two left out (RFC 3339). */
    private static String durations() {
        String number = "[0-9]{1,5} ";
        String seconds = number + "\"S\"";
        String minutes = number + "\"M\" ( " + seconds + " )?";
        String hours = number + "\"H\" ( " + minutes + " )?";
        String time = "\"T\" ( " + hours + " | " + minutes + " | " + seconds + " )";
        return "\"P\" ( " + number + "\"D\" ( " + time + " )? | " + time + " )";
    }
}
