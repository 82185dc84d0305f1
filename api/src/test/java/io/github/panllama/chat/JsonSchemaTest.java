package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the grammar of a schema allows. */
class JsonSchemaTest {
    private static LlamaModel model;

    @BeforeAll
    static void load() throws IOException {
        model = ChatModels.load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static GrammarProbe probe(String schema) {
        return new GrammarProbe(model, JsonSchema.of(json(schema)).grammar());
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static void allows(String schema, String... texts) {
        try (GrammarProbe probe = probe(schema)) {
            for (String text : texts) {
                assertThat(probe.allows(json(text)))
                        .as("%s of %s", text, schema)
                        .isTrue();
            }
        }
    }

    private static void forbids(String schema, String... texts) {
        try (GrammarProbe probe = probe(schema)) {
            for (String text : texts) {
                assertThat(probe.allows(json(text)))
                        .as("%s of %s", text, schema)
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0, 9",
        "5, 5",
        "7, 123",
        "100, 100",
        "99, 1001",
        "-5, 5",
        "-123, -7",
        "-1000, -1000",
        "-1, 1000",
        "10, 99",
        "109, 901"
    })
    void wholeNumbersAreThoseBetweenTheBounds(int least, int most) {
        try (GrammarProbe probe = probe("{'type':'integer','minimum':%d,'maximum':%d}".formatted(least, most))) {
            for (int i = -1200; i <= 1200; i++) {
                assertThat(probe.allows(Integer.toString(i))).as("%d", i).isEqualTo(i >= least && i <= most);
            }
            assertThat(probe.allows("007")).isFalse();
            assertThat(probe.allows("7.0")).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-101, -100, -99, -10, -9, -1, 0, 1, 9, 10, 11, 99, 100, 101, 999})
    void oneBoundAloneHolds(int bound) {
        try (GrammarProbe from = probe("{'type':'integer','minimum':%d}".formatted(bound));
                GrammarProbe to = probe("{'type':'integer','maximum':%d}".formatted(bound))) {
            for (int i = -1100; i <= 1100; i++) {
                assertThat(from.allows(Integer.toString(i))).as("%d", i).isEqualTo(i >= bound);
                assertThat(to.allows(Integer.toString(i))).as("%d", i).isEqualTo(i <= bound);
            }
            assertThat(from.allows("9999999999999999")).isTrue();
            assertThat(to.allows("-9999999999999999")).isTrue();
        }
    }

    @Test
    void fractionsAreThoseBetweenTheBounds() {
        Random random = new Random(7);
        for (int round = 0; round < 60; round++) {
            BigDecimal a = BigDecimal.valueOf(random.nextInt(-30_000, 30_000), random.nextInt(4));
            BigDecimal b = BigDecimal.valueOf(random.nextInt(-30_000, 30_000), random.nextInt(4));
            boolean exclusive = random.nextBoolean() && a.compareTo(b) != 0;
            String bounds = exclusive
                    ? "{'type':'number','exclusiveMinimum':%s,'exclusiveMaximum':%s}"
                    : "{'type':'number','minimum':%s,'maximum':%s}";
            BigDecimal least = a.min(b);
            BigDecimal most = a.max(b);
            try (GrammarProbe probe = probe(bounds.formatted(least.toPlainString(), most.toPlainString()))) {
                for (int i = 0; i < 400; i++) {
                    BigDecimal value = i < 200
                            ? BigDecimal.valueOf(random.nextInt(-31_000, 31_000), random.nextInt(5))
                            : (i % 2 == 0 ? least : most)
                                    .add(BigDecimal.valueOf(random.nextInt(-2, 3), random.nextInt(5)));
                    boolean inside = exclusive
                            ? value.compareTo(least) > 0 && value.compareTo(most) < 0
                            : value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
                    assertThat(probe.allows(value.toPlainString()))
                            .as("%s in %s to %s, exclusive: %s", value, least, most, exclusive)
                            .isEqualTo(inside);
                }
            }
        }
    }

    @Test
    void datesAreThoseOfTheCalendar() {
        try (GrammarProbe probe = probe("{'type':'string','format':'date'}")) {
            for (int year : new int[] {1, 4, 100, 400, 1900, 2000, 2023, 2024, 2100, 9999}) {
                for (int month = 0; month <= 13; month++) {
                    for (int day = 0; day <= 32; day++) {
                        assertThat(probe.allows("\"%04d-%02d-%02d\"".formatted(year, month, day)))
                                .as("%d-%d-%d", year, month, day)
                                .isEqualTo(isDate(year, month, day));
                    }
                }
            }
        }
    }

    private static boolean isDate(int year, int month, int day) {
        try {
            LocalDate.of(year, month, day);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    @Test
    void timesAndOthersHaveTheirFormat() {
        allows("{'format':'time'}", "'23:59:59Z'", "'00:00:00.123+18:00'", "'12:00:00-17:59'");
        forbids("{'format':'time'}", "'24:00:00Z'", "'12:60:00Z'", "'12:00:00'", "'12:00:00+18:01'", "'12:00Z'");
        allows("{'format':'date-time'}", "'2024-02-29T12:00:00Z'");
        forbids("{'format':'date-time'}", "'2023-02-29T12:00:00Z'", "'2024-02-29 12:00:00Z'");
        allows("{'format':'duration'}", "'P1D'", "'PT1H'", "'P2DT3H4M5S'", "'PT90S'");
        forbids("{'format':'duration'}", "'P'", "'PT'", "'P1DT'", "'PT1H5S'", "'1D'");
        allows("{'format':'uuid'}", "'01234567-89ab-cdef-0123-456789ABCDEF'");
        forbids("{'format':'uuid'}", "'01234567-89ab-cdef-0123-456789ABCDE'");
        allows("{'type':'string','format':'colour'}", "'anything'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "^abc$",
                "^a|b$",
                "b",
                "^a.c$",
                "^[^a]{2,3}$",
                "^(ab)+$",
                "^(?:a|bc)*$",
                "^\\d{2}(-\\d)?$",
                "^\\w\\W\\s$",
                "^[\\d\\-a]+?$",
                "^\\u0062\\x63$",
                "^[b-d]\\.$",
                "^$",
                "^(|a)b?$",
                "^a{3}$",
                "^a{2,}$",
                "^[\\]\\\\\"]$",
                "^.{1,3}$",
                "\\\\",
                "^\"+$",
                "^(a|(b|c){2}){1,2}$"
            })
    void patternsMatchWhatJavaFinds(String pattern) {
        String schema =
                "{'type':'string','pattern':" + JsonLiteral.string(pattern).replace("'", "\\u0027") + "}";
        Pattern java = Pattern.compile(pattern);
        Random random = new Random(pattern.hashCode());
        String letters = "abcd01-_. \"\\]\n\u00e9\ud83d";
        try (GrammarProbe probe = probe(schema)) {
            for (int i = 0; i < 1500; i++) {
                StringBuilder text = new StringBuilder();
                for (int length = random.nextInt(6); length > 0; length--) {
                    char c = letters.charAt(random.nextInt(letters.length()));
                    text.append(c == '\ud83d' ? "\ud83d\ude00" : String.valueOf(c));
                }
                // Java's $ also stands before a last line break.
                boolean matches =
                        !text.toString().endsWith("\n") && java.matcher(text).find();
                if (!text.toString().endsWith("\n")) {
                    assertThat(probe.allows(JsonLiteral.string(text.toString())))
                            .as("%s in %s", text, pattern)
                            .isEqualTo(matches);
                }
            }
        }
    }

    @Test
    void objectsHaveWhatIsRequiredAndMayHaveTheRest() {
        String schema = "{'type':'object','properties':{'a':{'type':'null'},'b':{'type':'boolean'},'c':{'const':1}},"
                + "'required':['b']}";
        allows(
                schema,
                "{'b':true}",
                "{ 'b' : false }",
                "{'b':true,'a':null}",
                "{'b':true,'c':1}",
                "{'b':true, 'a':null, 'c':1}",
                "{\n  'b': true\n}");
        forbids(
                schema,
                "{}",
                "{'a':null}",
                "{'b':true,}",
                "{'b':true,'c':1,'a':null}",
                "{'b':true,'d':1}",
                "{'b':true,'b':true}",
                "{'b':1}",
                "[]",
                "{'b':true}x");
    }

    @Test
    void otherPropertiesHaveOtherNames() {
        String schema = "{'type':'object','properties':{'ab':{'type':'null'},'abc':{'type':'null'}},"
                + "'additionalProperties':{'type':'boolean'}}";
        allows(
                schema,
                "{}",
                "{'ab':null}",
                "{'a':true}",
                "{'abcd':true,'x':false}",
                "{'ab':null,'abc':null,'':true}",
                "{'b':true,'\u00e9':true}");
        forbids(
                schema,
                "{'ab':true}",
                "{'abc':true}",
                "{'x':null}",
                "{'\\u0061b':true}",
                "{'a\\\\q':true}",
                "{'\n':true}");
        allows("{'type':'object'}", "{}", "{'a':[1,{'b':null}]}");
        allows("{'required':['x'],'additionalProperties':true}", "{'x':1,'y':[]}");
        forbids("{'required':['x'],'additionalProperties':true}", "{}", "{'y':[]}");
    }

    @Test
    void arraysHaveTheirLength() {
        for (int least = 0; least <= 3; least++) {
            for (int most = least; most <= 4; most++) {
                try (GrammarProbe probe = probe("{'type':'array','items':{'type':'null'},'minItems':%d,'maxItems':%d}"
                        .formatted(least, most))) {
                    for (int count = 0; count <= 5; count++) {
                        String text = "[" + "null,".repeat(count).replaceAll(",$", "") + "]";
                        assertThat(probe.allows(text)).as("%s", text).isEqualTo(count >= least && count <= most);
                    }
                }
            }
        }
        allows("{'items':{'type':'null'},'minItems':2}", "[null,null]", "[null, null, null,null]");
        forbids("{'items':{'type':'null'},'minItems':2}", "[]", "[null]");
        allows("{'prefixItems':[{'const':1},{'type':'boolean'}],'items':false}", "[1,true]");
        forbids("{'prefixItems':[{'const':1},{'type':'boolean'}]}", "[1]", "[1,true,1]", "[true,1]");
    }

    @Test
    void textsHaveTheirLengthInCharacters() {
        String schema = "{'type':'string','minLength':2,'maxLength':3}";
        allows(schema, "'ab'", "'\u00e9\u4e2d'", "'\ud83d\ude00\ud83d\ude01'", "'\\ud83d\\ude00x'", "'\\n\\u0041\\\\'");
        forbids(
                schema,
                "'a'",
                "'abcd'",
                "'\ud83d\ude00'",
                "'\\ud83d\\ude00'",
                "'\\ud83d'",
                "'\\ude00\\ud83d'",
                "'\\q1'");
        forbids("{'type':'string'}", "'a\nb'", "'a\\", "'\\ud83d\\u0041'");
    }

    @Test
    void unionsReferencesAndLiterals() {
        allows("{'anyOf':[{'type':'null'},{'enum':['a','b',2]}]}", "null", "'a'", "2");
        forbids("{'anyOf':[{'type':'null'},{'enum':['a','b',2]}]}", "'c'", "3", "true");
        allows("{'type':'string','enum':['a',1,null]}", "'a'");
        forbids("{'type':'string','enum':['a',1,null]}", "1", "null");
        String tree = "{'$ref':'#/$defs/t','$defs':{'t':{'type':'object','properties':{'l':{'$ref':'#/$defs/t'},"
                + "'r':{'$ref':'#/$defs/t'}}}}}";
        allows(tree, "{}", "{'l':{'l':{},'r':{}},'r':{}}");
        forbids(tree, "{'l':1}", "{'l':{'x':{}}}");
        allows(
                "{'allOf':[{'properties':{'a':{}},'required':['a']},{'properties':{'b':{}}}]}",
                "{'a':1}",
                "{'a':1,'b':2}");
        allows("true", "[{}]", "'x'", "-1.5e-3");
        allows("{'type':['integer','string'],'maximum':3,'maxLength':1}", "3", "'x'");
        forbids("{'type':['integer','string'],'maximum':3,'maxLength':1}", "4", "'xy'");
    }
}
