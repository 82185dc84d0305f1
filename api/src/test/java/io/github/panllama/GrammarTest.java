package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.SyntheticVocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
    private static final int EOS =
            SyntheticVocabulary.ofSize(TestModels.VOCABULARY).special(SyntheticVocabulary.EOS);

    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = TestModels.llama();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    static Stream<Arguments> grammarsWithEqualExpressions() {
        return Stream.of(
                Arguments.of("root ::= [a-z]{3,8} \"-\" [0-9]{2}", "[a-z]{3,8}-[0-9]{2}"),
                Arguments.of(
                        "root ::= (\"yes\" | \"no\") (\", \" (\"yes\" | \"no\")){0,4}", "(yes|no)(, (yes|no)){0,4}"),
                Arguments.of("""
                        root ::= "{" pair? "}"
                        pair ::= "k" [0-9]+ ":" ("true" | "null")
                        """, "\\{(k[0-9]+:(true|null))?}"),
                Arguments.of(
                        "root ::= \"\ud83d\ude80\" [\ud83d\ude00-\ud83d\ude0f]{1,3} \"!\"",
                        "\ud83d\ude80[\ud83d\ude00-\ud83d\ude0f]{1,3}!"),
                // llama.cpp alone lets bytes through that are no characters: forms that are too long, surrogates, and
                // more.
                Arguments.of("root ::= [\\u0080-\\U0010FFFF]{20}", "[\u0080-\ufffc\ufffe-\\x{10ffff}]{20}"),
                Arguments.of("root ::= [^a]{20}", "[^a\ufffd]{20}"));
    }

    @ParameterizedTest
    @MethodSource("grammarsWithEqualExpressions")
    void outputMatchesTheRegularExpressionThatIsTheGrammar(String grammar, String regex) {
        for (int seed = 1; seed <= 60; seed++) {
            assertThat(generate(grammar, seed)).as("seed %d", seed).matches(regex);
        }
    }

    /** Random logits under a grammar, until it lets the text end. */
    private static String generate(String grammar, int seed) {
        StreamingDecoder decoder = model.tokenizer().newStreamingDecoder();
        StringBuilder text = new StringBuilder();
        try (Sampler sampler =
                Sampler.of(model, new SamplerStage.Grammar(grammar), new SamplerStage.Distribution(seed))) {
            for (int i = 0; i < 400; i++) {
                float[] logits = SamplerTest.logits(1000L * seed + i);
                logits[EOS] = 6;
                int token = sampler.sample(logits);
                if (token == EOS) {
                    return text.append(decoder.finish()).toString();
                }
                text.append(decoder.append(token));
            }
        }
        throw new AssertionError("the grammar does not end: " + text);
    }

    /** Nothing may follow "ab" but the end, and the bias forbids that. */
    @Test
    void aGrammarThatRunsDryFailsAndTheSamplerServesAgainAfterAReset() {
        float[] logits = SamplerTest.logits(1);
        SamplerStage endless = new SamplerStage.LogitBias(Map.of(EOS, Float.NEGATIVE_INFINITY));
        for (SamplerStage choice : List.of(new SamplerStage.Greedy(), new SamplerStage.Distribution(1))) {
            try (Sampler sampler =
                    Sampler.of(model, endless, new SamplerStage.Grammar("root ::= \"a\" \"b\""), choice)) {
                for (int round = 0; round < 3; round++) {
                    String text = "";
                    while (text.length() < 2) {
                        text += model.tokenizer().decode(sampler.sample(logits));
                    }
                    assertThat(text).isEqualTo("ab");
                    assertThatThrownBy(() -> sampler.sample(logits)).isInstanceOf(SamplingException.class);
                    assertThatThrownBy(() -> sampler.sample(logits)).isInstanceOf(SamplingException.class);
                    sampler.reset();
                }
            }
        }
    }

    @Test
    void aTextThatHasEndedCanOnlyEndAgain() {
        try (Sampler sampler =
                Sampler.of(model, new SamplerStage.Grammar("root ::= \"\""), new SamplerStage.Greedy())) {
            assertThat(sampler.sample(SamplerTest.logits(1))).isEqualTo(EOS);
            assertThat(sampler.sample(SamplerTest.logits(2))).isEqualTo(EOS);
            assertThatThrownBy(() -> sampler.accept('a')).isInstanceOf(SamplingException.class);
        }
    }

    @Test
    void aTokenThatTheGrammarForbidsIsNotAccepted() {
        try (Sampler sampler =
                Sampler.of(model, new SamplerStage.Grammar("root ::= \"ab\""), new SamplerStage.Greedy())) {
            for (int forbidden : new int[] {'b', EOS}) {
                assertThatThrownBy(() -> sampler.accept(forbidden))
                        .isInstanceOf(SamplingException.class)
                        .hasMessageContaining("does not allow");
            }
            sampler.accept('a');
            assertThatThrownBy(() -> sampler.accept('a')).isInstanceOf(SamplingException.class);
            sampler.accept('b');
            sampler.accept(EOS);
        }
    }

    @Test
    void aGrammarThatAllowsNothingThatTheBiasAllowsFails() {
        float[] logits = SamplerTest.logits(1);
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits['z'] = 1;
        for (SamplerStage choice : List.of(new SamplerStage.Greedy(), new SamplerStage.Distribution(1))) {
            try (Sampler sampler = Sampler.of(model, new SamplerStage.Grammar("root ::= [a-y]+"), choice)) {
                assertThatThrownBy(() -> sampler.sample(logits)).isInstanceOf(SamplingException.class);
            }
        }
    }

    @Test
    void aGrammarReachesAcrossTokensAndHalfCharacters() {
        byte[] bytes = "\ud83d\ude00".getBytes(StandardCharsets.UTF_8);
        try (Sampler sampler = Sampler.of(
                model, new SamplerStage.Grammar("root ::= \"\ud83d\ude00\" \"!\""), new SamplerStage.Greedy())) {
            for (byte b : bytes) {
                sampler.accept(b & 0xff);
            }
            assertThatThrownBy(() -> sampler.accept('?')).isInstanceOf(SamplingException.class);
            sampler.accept('!');
        }
    }

    @Test
    void aLazyGrammarSleepsUntilItsPattern() {
        SamplerStage lazy =
                new SamplerStage.LazyGrammar("root ::= \"<\" [0-9]+ \">\"", "root", List.of("[^>](<)"), List.of());
        try (Sampler sampler = Sampler.of(model, lazy, new SamplerStage.Greedy())) {
            checkTrigger(sampler, '<');
            sampler.accept('7');
            assertThatThrownBy(() -> sampler.accept('x')).isInstanceOf(SamplingException.class);
            sampler.accept('>');
        }
    }

    @Test
    void aLazyGrammarSleepsUntilItsToken() {
        SamplerStage lazy =
                new SamplerStage.LazyGrammar("root ::= \"<\" [0-9]+", "root", List.of(), List.of((int) '<'));
        try (Sampler sampler = Sampler.of(model, lazy, new SamplerStage.Greedy())) {
            checkTrigger(sampler, '<');
        }
    }

    /** Anything goes before the trigger, digits only after it. */
    private static void checkTrigger(Sampler sampler, int trigger) {
        sampler.accept('x');
        sampler.accept('y');
        float[] logits = new float[TestModels.VOCABULARY];
        logits['q'] = 10;
        assertThat(sampler.sample(logits)).isEqualTo('q');
        sampler.accept(trigger);
        String next = model.tokenizer().decode(sampler.sample(logits));
        assertThat(next).matches("[0-9]+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "root",
                "root ::= \"open",
                "root ::= [a-",
                "root ::= missing",
                "other ::= \"a\"",
                "root ::= root \"a\"",
                "root ::= (\"a\"",
                "root ::= \"a\" )",
                "root ::= \"a\"{3,2}",
                "root ::= \"a\"{ 1 # one\n, 0}",
                "root ::= \"a\"{99999999999}",
                "\u0000",
            })
    void anInvalidGrammarIsRefused(String grammar) {
        assertThatThrownBy(() -> {
                    try (Sampler sampler =
                            Sampler.of(model, new SamplerStage.Grammar(grammar), new SamplerStage.Greedy())) {
                        assertThat(sampler).isNotNull();
                    }
                })
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aGrammarThatNestsTooDeepIsRefused() {
        String deep = "root ::= " + "(".repeat(100_000) + "\"a\"" + ")".repeat(100_000);
        assertThatThrownBy(() -> new SamplerStage.Grammar(deep))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nests");
        String literal = "root ::= \"" + "(".repeat(1000) + "\" [(((] # ((((\n \"x\"";
        new SamplerStage.Grammar(literal);
    }

    /** Native code would take for ever, or all the memory that there is. */
    @Test
    void aGrammarThatGrowsWithoutMeasureIsRefused() {
        StringBuilder doubling = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 100; i++) {
            doubling.append("r%d ::= r%d \"x\" | r%d \"y\"\n".formatted(i, i + 1, i + 1));
        }
        refuses(doubling.append("r100 ::= \"a\"").toString(), "can begin in more than");
        refuses("root ::= b\na ::= \"x\"?\nb ::= c{1000}\nc ::= a{1000}", "can begin in more than");
        refuses("root ::= \"a\"" + " | \"a\"".repeat(60_000), "can begin in more than");
        refuses("root ::= \"" + "a".repeat(500_000) + "\"{2000}", "written out");
        refuses("root ::= [" + "ab".repeat(250_000) + "]{0,2000}", "written out");
        refuses("root ::= " + "\"aaaaaaaaaa\"{2000} ".repeat(10), "nest up to");
        refuses("root ::= a root \"b\" | \"x\"\na ::= b\nb ::= \"\" | \"y\"", "begins with itself");
        refuses("root ::= (\"x\"? root)* \"y\"", "begins with itself");
        new SamplerStage.Grammar("root ::= \"(\" root? \")\" root?");
    }

    private static void refuses(String grammar, String why) {
        assertThatThrownBy(() -> new SamplerStage.Grammar(grammar))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    /** There are twice as many ways with every x, and none of them ends. */
    @Test
    void aGrammarWhoseWaysDoubleIsGivenUp() {
        SamplerStage ambiguous = new SamplerStage.Grammar("root ::= \"x\" root \"y\" | \"x\" root \"z\" | \"w\"");
        try (Sampler sampler = Sampler.of(model, ambiguous, new SamplerStage.Greedy())) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 40; i++) {
                            sampler.accept('x');
                        }
                    })
                    .isInstanceOf(SamplingException.class)
                    .hasMessageContaining("ambiguous");
            sampler.reset();
            sampler.accept('w');
        }
    }

    /** The native parser ends a comment at either line break, and knows no escapes in it. */
    @Test
    void aCommentHidesNoGroups() {
        for (String comment : List.of("# \\\n", "# \r")) {
            String deep = "root ::= " + comment + "(".repeat(200) + "\"a\"" + ")".repeat(200);
            assertThatThrownBy(() -> new SamplerStage.Grammar(deep)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anInvalidLazyGrammarIsRefused() {
        assertThatThrownBy(() -> new SamplerStage.LazyGrammar("root ::= \"a\"", "root", List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        SamplerStage badPattern = new SamplerStage.LazyGrammar("root ::= \"a\"", "root", List.of("(["), List.of());
        assertThatThrownBy(() -> Sampler.of(model, badPattern, new SamplerStage.Greedy()))
                .isInstanceOf(IllegalArgumentException.class);
        SamplerStage badToken = new SamplerStage.LazyGrammar("root ::= \"a\"", "root", List.of(), List.of(512));
        assertThatThrownBy(() -> Sampler.of(model, badToken, new SamplerStage.Greedy()))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
