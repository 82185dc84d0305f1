package io.github.panllama.abuse;

import io.github.panllama.LlamaException;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingException;
import java.util.List;

/** Grammars that do not parse, cannot be run, or come to an end. */
final class GrammarCases {
    private GrammarCases() {}

    static void register(AbuseCases cases) {
        cases.family("grammar");
        syntax(cases);
        recursion(cases);
        sizes(cases);
        running(cases);
        triggers(cases);
    }

    private static Sampler sampler(AbuseFixture fixture, String grammar) {
        return Sampler.of(fixture.model(), new SamplerStage.Grammar(grammar), new SamplerStage.Greedy());
    }

    private static void refused(AbuseCases cases, String name, String grammar) {
        cases.rejects(
                name, IllegalArgumentException.class, f -> sampler(f, grammar).close());
    }

    private static void syntax(AbuseCases cases) {
        String[] wrong = {
            "",
            " ",
            "\n\n",
            "# a comment",
            "root",
            "root ::",
            "root :=",
            "::= \"a\"",
            "root ::= (",
            "root ::= )",
            "root ::= \"a",
            "root ::= [a",
            "root ::= [",
            "root ::= \"\\",
            "root ::= \"\\x\"",
            "root ::= \"\\q\"",
            "root ::= \"\\uZZZZ\"",
            "root ::= *",
            "root ::= | *",
            "root ::= \"a\"{",
            "root ::= \"a\"{,}",
            "root ::= \"a\"{1",
            "root ::= \"a\"{1,",
            "root ::= \"a\"{a}",
            "root ::= \"a\"{-1}",
            "root ::= missing",
            "root ::= \"a\" ; x",
            "root ::= <",
            "root ::= <[",
            "root ::= <[1",
            "root ::= <[1]",
            "root ::= <[x]>",
            "root ::= <no such token>",
            "root ::= !",
            "root ::= \"a\"{99999999999999999999999}",
            "other ::= \"a\"",
            "1 ::= 2",
            "root ::= {1}",
            "root ::= \"a\" \"",
            "\uD83D\uDE00",
            "root ::= \uD83D\uDE00",
            "root ::= 'a'"
        };
        for (String grammar : wrong) {
            refused(cases, "syntax of " + grammar.replace("\n", "\\n"), grammar);
        }
        refused(cases, "U+0000", "root ::= \"a\0\"");
        String[] odd = {
            "root ::=",
            "root ::= \"\"",
            "root ::= [^]",
            "root ::= []",
            "root ::= |",
            "root ::= \"a\"{0}",
            "root ::= \"a\"{5,2}",
            "root ::= [z-a]",
            "root ::= \"a\" root?",
            "root ::= <[4294967295]>",
            "root ::= <[600]>",
            "root ::= \"a\"{0,99999999}",
            "root ::= \"a\"{2000}",
            "root ::= ()",
            "root ::= (())*",
            "root ::= (\"a\"*)*",
            "root ::= \"a\"\nroot ::= \"b\"",
            "root ::= \"\\uD800\"",
            "root ::= \"\\U00110000\"",
            "root ::= \"\\xFF\"",
            "root ::= [\\UFFFFFFFF]",
            "root ::= \"a\"?\"a\"?\"a\"?",
            "root ::= .",
            "root ::= .*",
            "root ::= !<[1]>*"
        };
        for (String grammar : odd) {
            cases.livesOr(
                    "oddity of " + grammar.replace("\n", "\\n"),
                    f -> run(f, grammar, 6),
                    IllegalArgumentException.class,
                    SamplingException.class);
        }
        cases.rejects(
                "root that is not there",
                IllegalArgumentException.class,
                f -> Sampler.of(
                        f.model(), new SamplerStage.Grammar("root ::= \"a\"", "other"), new SamplerStage.Greedy()));
        cases.rejects(
                "root that is empty",
                IllegalArgumentException.class,
                f -> Sampler.of(f.model(), new SamplerStage.Grammar("root ::= \"a\"", ""), new SamplerStage.Greedy()));
        cases.rejects(
                "root with U+0000",
                IllegalArgumentException.class,
                f -> new SamplerStage.Grammar("root ::= \"a\"", "root\0"));
    }

    private static void recursion(AbuseCases cases) {
        refused(cases, "left recursion", "root ::= root \"a\" | \"a\"");
        refused(cases, "left recursion of itself alone", "root ::= root");
        refused(cases, "left recursion through another rule", "root ::= a\na ::= b\nb ::= root \"x\"");
        refused(cases, "left recursion behind something empty", "root ::= a root \"b\"\na ::= \"\"|\"x\"");
        refused(cases, "left recursion behind something optional", "root ::= \"a\"? root");
        refused(cases, "left recursion behind a repetition", "root ::= \"a\"* root");
        refused(cases, "left recursion in a group", "root ::= (root | \"a\") \"b\"");
        refused(cases, "left recursion that root does not reach", "root ::= \"a\"\nx ::= x \"b\"");
    }

    private static void sizes(AbuseCases cases) {
        for (int depth : new int[] {129, 10_000, 300_000}) {
            refused(cases, depth + " groups open", "root ::= " + "(".repeat(depth));
            refused(cases, depth + " groups", "root ::= " + "(".repeat(depth) + "\"a\"" + ")".repeat(depth));
            refused(
                    cases,
                    depth + " groups behind a quotation mark in a comment",
                    "# \"\nroot ::= " + "(".repeat(depth) + "\"a\"" + ")".repeat(depth));
            refused(
                    cases,
                    depth + " groups behind a token with a quotation mark",
                    "root ::= <\"> " + "(".repeat(depth) + "\"a\"" + ")".repeat(depth));
        }
        refused(cases, "two megabytes", "root ::= \"" + "a".repeat(1 << 21) + '"');
        for (int rules : new int[] {1000, 10_000, 50_000}) {
            cases.livesOr(
                    "a chain of " + rules + " rules",
                    f -> run(f, chain(rules, false), 3),
                    IllegalArgumentException.class,
                    SamplingException.class);
            cases.livesOr(
                    "a chain of " + rules + " rules that may be empty",
                    f -> run(f, chain(rules, true), 3),
                    IllegalArgumentException.class,
                    SamplingException.class);
        }
        String[] large = {
            "root ::= \"a\"{2001}", "root ::= (\"a\"{100}){100}", "root ::= ((\"a\"{10}){10}){100}",
            "root ::= (\"a\"?){2000}", "root ::= (\"a\" | \"b\"){2000}", "root ::= (((\"a\"*)*)*)*",
            "root ::= (\"a\"|\"a\"|\"a\"){300}", "root ::= [a-z]{0,2000} \"!\""
        };
        for (String grammar : large) {
            cases.livesOr(
                    "size of " + grammar,
                    f -> run(f, grammar, 3),
                    IllegalArgumentException.class,
                    SamplingException.class);
        }
        cases.livesOr(
                "10,000 alternatives",
                f -> run(f, "root ::= \"a\"" + " | \"b\"".repeat(10_000), 3),
                IllegalArgumentException.class,
                SamplingException.class);
        cases.livesOr(
                "a literal of half a megabyte",
                f -> run(f, "root ::= \"" + "a".repeat(500_000) + '"', 3),
                IllegalArgumentException.class,
                SamplingException.class);
    }

    private static String chain(int rules, boolean empty) {
        StringBuilder grammar = new StringBuilder("root ::= r1\n");
        for (int i = 1; i < rules; i++) {
            grammar.append("r").append(i).append(" ::= r").append(i + 1).append(empty ? " | \"\"\n" : "\n");
        }
        return grammar.append("r").append(rules).append(" ::= \"a\"\n").toString();
    }

    /** Samples up to {@code count} tokens by a grammar. */
    private static void run(AbuseFixture fixture, String grammar, int count) {
        try (Sampler sampler = sampler(fixture, grammar)) {
            float[] logits = new float[512];
            for (int i = 0; i < count; i++) {
                int token = sampler.sample(logits);
                if (fixture.model().tokenizer().isEndOfGeneration(token)) {
                    break;
                }
            }
            try (Sampler copy = sampler.copy()) {
                sampler.reset();
                copy.sample(logits);
            }
        }
    }

    private static void running(AbuseCases cases) {
        cases.rejects("accepting what it does not allow", SamplingException.class, f -> {
            try (Sampler sampler = sampler(f, "root ::= \"a\"")) {
                sampler.accept(f.model().tokenizer().encode("b", false, false)[0]);
            }
        });
        cases.rejects("accepting the end too early", SamplingException.class, f -> {
            try (Sampler sampler = sampler(f, "root ::= \"a\"")) {
                sampler.accept(f.model().tokenizer().endOfText().orElseThrow());
            }
        });
        cases.rejects("sampling after its end, with the end forbidden", SamplingException.class, f -> {
            int end = f.model().tokenizer().endOfText().orElseThrow();
            float[] logits = new float[512];
            try (Sampler sampler = sampler(f, "root ::= \"a\"")) {
                sampler.sample(logits);
                for (int i = 0; i < 512; i++) {
                    logits[i] = f.model().tokenizer().isEndOfGeneration(i) ? Float.NEGATIVE_INFINITY : 0;
                }
                logits[end] = Float.NEGATIVE_INFINITY;
                sampler.sample(logits);
            }
        });
        cases.livesOr(
                "sampling again and again after its end",
                f -> {
                    try (Sampler sampler = sampler(f, "root ::= \"a\"")) {
                        for (int i = 0; i < 10; i++) {
                            sampler.sample(new float[512]);
                        }
                    }
                },
                SamplingException.class);
        cases.rejects("no candidate that it allows", SamplingException.class, f -> {
            try (Sampler sampler = sampler(f, "root ::= \"\u4e2d\"")) {
                float[] logits = new float[512];
                java.util.Arrays.fill(logits, Float.NEGATIVE_INFINITY);
                logits[5] = 1;
                sampler.sample(logits);
            }
        });
        cases.livesOr(
                "accepting every token in turn, refused or not",
                f -> {
                    try (Sampler sampler = sampler(f, "root ::= [a-z ]+ \".\"")) {
                        for (int token = 0; token < 512; token++) {
                            try {
                                sampler.accept(token);
                            } catch (SamplingException expected) {
                                sampler.sample(new float[512]);
                            }
                        }
                    }
                },
                SamplingException.class);
        cases.rejects("two grammars that contradict each other", SamplingException.class, f -> {
            SamplerStage a = new SamplerStage.Grammar("root ::= \"a\"");
            SamplerStage b = new SamplerStage.Grammar("root ::= \"b\"");
            try (Sampler sampler = Sampler.of(f.model(), a, b, new SamplerStage.Greedy())) {
                sampler.sample(new float[512]);
            }
        });
        cases.rejects("every other stage behind a grammar without a token", SamplingException.class, f -> {
            try (Sampler sampler = Sampler.of(
                    f.model(),
                    new SamplerStage.Grammar("root ::= <[1]>"),
                    new SamplerStage.LogitBias(java.util.Map.of(1, Float.NEGATIVE_INFINITY)),
                    new SamplerStage.TopNSigma(1),
                    new SamplerStage.TopK(40),
                    new SamplerStage.Typical(0.5f),
                    new SamplerStage.TopP(0.5f),
                    new SamplerStage.MinP(0.5f),
                    new SamplerStage.Xtc(1, 0.1f, 1, 1),
                    new SamplerStage.DynamicTemperature(1, 1, 1),
                    new SamplerStage.Distribution(1))) {
                sampler.sample(new float[512]);
            }
        });
    }

    private static void triggers(AbuseCases cases) {
        for (String pattern : new String[] {"(", "[", "*", "a{", "\\", "(?<n>a)", "[[:nothing:]]", "a{5,2}"}) {
            cases.rejects(
                    "trigger pattern " + pattern,
                    IllegalArgumentException.class,
                    f -> lazy(f, pattern).close());
        }
        cases.rejects("trigger pattern with U+0000", IllegalArgumentException.class, f -> lazy(f, "a\0b"));
        cases.rejects(
                "no trigger",
                IllegalArgumentException.class,
                f -> new SamplerStage.LazyGrammar("root ::= \"a\"", "root", List.of(), List.of()));
        for (String pattern :
                new String[] {"a*", "(a+)+b", "[\\s\\S]*?(zzz)[\\s\\S]*", "a{2,}", "a{65}", "(a{9}){9}"}) {
            cases.rejects(
                    "trigger pattern " + pattern + ", which repeats too much",
                    IllegalArgumentException.class,
                    f -> lazy(f, pattern));
        }
        cases.livesOr(
                "empty trigger pattern", f -> feed(f, "", 10), LlamaException.class, IllegalArgumentException.class);
        for (int depth : new int[] {100, 100_000}) {
            cases.livesOr(
                    "trigger pattern of %d groups".formatted(depth),
                    f -> lazy(f, "(".repeat(depth) + "a" + ")".repeat(depth)).close(),
                    IllegalArgumentException.class);
        }
        for (String pattern : new String[] {"zzz", "(z|y)?zz", "a{0,64}z", "^(zz)", "\\*\\+[*+]z"}) {
            cases.lives("500 letters before the trigger " + pattern, f -> feed(f, pattern, 500));
        }
        cases.livesOr("a trigger that the grammar does not allow", f -> feed(f, "a", 3), LlamaException.class);
        cases.lives("a trigger token", f -> {
            try (Sampler sampler = Sampler.of(
                    f.model(),
                    new SamplerStage.LazyGrammar("root ::= <[7]> \"b\"", "root", List.of(), List.of(7)),
                    new SamplerStage.Greedy())) {
                sampler.accept(3);
                sampler.accept(7);
                sampler.sample(new float[512]);
            }
        });
        cases.livesOr(
                "a trigger token that the grammar does not allow",
                f -> {
                    try (Sampler sampler = Sampler.of(
                            f.model(),
                            new SamplerStage.LazyGrammar("root ::= \"b\"", "root", List.of(), List.of(7)),
                            new SamplerStage.Greedy())) {
                        sampler.accept(7);
                        sampler.sample(new float[512]);
                    }
                },
                SamplingException.class);
    }

    private static Sampler lazy(AbuseFixture fixture, String pattern) {
        return Sampler.of(
                fixture.model(),
                new SamplerStage.LazyGrammar("root ::= \"b\"", "root", List.of(pattern), List.of()),
                new SamplerStage.Greedy());
    }

    private static void feed(AbuseFixture fixture, String pattern, int letters) {
        int letter = fixture.model().tokenizer().encode("a", false, false)[0];
        try (Sampler sampler = lazy(fixture, pattern)) {
            for (int i = 0; i < letters; i++) {
                sampler.accept(letter);
            }
        }
    }
}
