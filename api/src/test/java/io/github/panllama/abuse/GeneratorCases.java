package io.github.panllama.abuse;

import io.github.panllama.DecodeException;
import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingException;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.synthetic.Architecture;

/** Requests that cannot be served, and listeners that misbehave. */
@SuppressWarnings("try") // closing early is what some cases are about
final class GeneratorCases {
    private GeneratorCases() {}

    static void register(AbuseCases cases) {
        cases.family("generator");
        requests(cases);
        listeners(cases);
        life(cases);
    }

    private static TextGenerator generator(AbuseFixture f) {
        return TextGenerator.of(f.model(), AbuseFixture.small().build());
    }

    private static void generate(AbuseFixture f, GenerationRequest.Builder request) {
        try (TextGenerator generator = generator(f)) {
            generator.generate(request.build());
        }
    }

    private static void requests(AbuseCases cases) {
        cases.rejects(
                "no tokens", IllegalArgumentException.class, f -> generate(f, GenerationRequest.builder(new int[0])));
        cases.rejects(
                "more tokens than the context",
                IllegalArgumentException.class,
                f -> generate(f, GenerationRequest.builder(new int[257])));
        cases.rejects(
                "a text longer than the context",
                IllegalArgumentException.class,
                f -> generate(f, GenerationRequest.builder("text ".repeat(10_000))));
        cases.lives(
                "tokens that fill the context",
                f -> generate(f, GenerationRequest.builder(new int[256]).maxTokens(10)));
        for (int token : new int[] {-1, 512, Integer.MAX_VALUE}) {
            cases.rejects(
                    "prompt token " + token,
                    IndexOutOfBoundsException.class,
                    f -> generate(f, GenerationRequest.builder(new int[] {1, token})));
        }
        cases.lives(
                "empty text, which has a first token",
                f -> generate(f, GenerationRequest.builder("").maxTokens(1)));
        for (int max : new int[] {-1, Integer.MIN_VALUE}) {
            cases.rejects(
                    "maxTokens " + max,
                    IllegalArgumentException.class,
                    f -> GenerationRequest.builder("a").maxTokens(max));
        }
        cases.lives(
                "maxTokens 0", f -> generate(f, GenerationRequest.builder("a").maxTokens(0)));
        cases.lives(
                "maxTokens 2^31-1",
                f -> generate(f, GenerationRequest.builder("a").maxTokens(Integer.MAX_VALUE)));
        cases.rejects(
                "bias of a token that is not there",
                IndexOutOfBoundsException.class,
                f -> generate(
                        f,
                        GenerationRequest.builder("a")
                                .sampling(
                                        SamplingOptions.builder().bias(5000, 1).build())));
        cases.rejects(
                "a grammar that does not parse",
                IllegalArgumentException.class,
                f -> generate(
                        f,
                        GenerationRequest.builder("a")
                                .sampling(SamplingOptions.builder()
                                        .grammar("root ::= (")
                                        .build())));
        cases.rejects("a grammar that runs dry", SamplingException.class, f -> {
            SamplingOptions.Builder dry = SamplingOptions.builder().grammar("root ::= <[9]>");
            dry.bias(9, Float.NEGATIVE_INFINITY);
            generate(f, GenerationRequest.builder("a").sampling(dry.build()));
        });
        cases.livesOr(
                "an encoder",
                f -> {
                    try (TextGenerator generator = TextGenerator.of(
                            f.model(Architecture.NOMIC_BERT),
                            AbuseFixture.small().build())) {
                        generator.generate("a text");
                    }
                },
                LlamaException.class,
                IllegalArgumentException.class,
                IllegalStateException.class);
        cases.rejects("a vocabulary", IllegalStateException.class, f -> {
            ModelOptions vocabulary =
                    ModelOptions.builder().vocabularyOnly(true).build();
            try (LlamaModel model = LlamaModel.load(f.file(), vocabulary)) {
                TextGenerator.of(model);
            }
        });
        cases.rejects("a stage that does not fit", IllegalArgumentException.class, f -> {
            SamplerStage.Dry dry = new SamplerStage.Dry(1, 2, 1, 1, java.util.List.of("a\0"));
            generate(
                    f,
                    GenerationRequest.builder("a")
                            .sampling(SamplingOptions.builder().dry(dry).build()));
        });
    }

    private static void listeners(AbuseCases cases) {
        cases.rejects(
                "onText throws",
                ArithmeticException.class,
                f -> generate(f, GenerationRequest.builder("a").onText(text -> {
                    throw new ArithmeticException("thrown by the listener");
                })));
        cases.rejects(
                "onToken throws",
                ArithmeticException.class,
                f -> generate(f, GenerationRequest.builder("a").onToken(token -> {
                    throw new ArithmeticException("thrown by the listener");
                })));
        cases.lives("generates again after a listener threw", f -> {
            try (TextGenerator generator = generator(f)) {
                try {
                    generator.generate(GenerationRequest.builder("a")
                            .onToken(token -> {
                                throw new ArithmeticException("thrown by the listener");
                            })
                            .build());
                } catch (ArithmeticException expected) {
                    generator.generate(
                            GenerationRequest.builder("a").maxTokens(2).build());
                }
            }
        });
        cases.rejects("a listener that generates itself", IllegalStateException.class, f -> {
            try (TextGenerator generator = generator(f)) {
                generator.generate(GenerationRequest.builder("a")
                        .maxTokens(5)
                        .onToken(token -> generator.generate("b"))
                        .build());
            }
        });
        cases.rejects("a listener that closes the generator", IllegalStateException.class, f -> {
            try (TextGenerator generator = generator(f)) {
                generator.generate(GenerationRequest.builder("a")
                        .maxTokens(5)
                        .onToken(token -> generator.close())
                        .build());
            }
        });
        cases.rejects("a listener that closes the context", IllegalStateException.class, f -> {
            try (TextGenerator generator = generator(f)) {
                generator.generate(GenerationRequest.builder("a")
                        .maxTokens(5)
                        .onToken(token -> generator.context().close())
                        .build());
            }
        });
        cases.rejects("a listener that cancels", DecodeException.class, f -> {
            try (TextGenerator generator = generator(f)) {
                generator.generate(GenerationRequest.builder("a")
                        .maxTokens(5)
                        .onToken(token -> generator.cancel())
                        .build());
            }
        });
        cases.livesOr(
                "a listener that clears the memory",
                f -> {
                    try (TextGenerator generator = generator(f)) {
                        generator.generate(GenerationRequest.builder("a text")
                                .maxTokens(5)
                                .onToken(token -> generator.context().memory().clear())
                                .build());
                    }
                },
                LlamaException.class);
    }

    private static void life(AbuseCases cases) {
        cases.rejects("cancelled before", DecodeException.class, f -> {
            try (TextGenerator generator = generator(f)) {
                generator.cancel();
                generator.generate("a");
            }
        });
        cases.lives("closed twice", f -> {
            TextGenerator generator = generator(f);
            generator.close();
            generator.close();
        });
        cases.lives("the model closed before", f -> {
            LlamaModel model = f.freshModel();
            TextGenerator generator =
                    TextGenerator.of(model, AbuseFixture.small().build());
            model.close();
            generator.close();
        });
        cases.livesOr(
                "generates after the model is closed",
                f -> {
                    LlamaModel model = f.freshModel();
                    try (TextGenerator generator =
                            TextGenerator.of(model, AbuseFixture.small().build())) {
                        model.close();
                        generator.generate("a");
                    }
                },
                IllegalStateException.class);
    }
}
