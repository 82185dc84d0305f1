package io.github.panllama.abuse;

import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.ContextFullPolicy;
import io.github.panllama.engine.DeviceSampling;
import io.github.panllama.engine.EngineBusyException;
import io.github.panllama.engine.EngineClosedException;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.GenerationChunk;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Speculation;
import io.github.panllama.synthetic.Architecture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Requests that no engine can serve, floods of them, readers that stop, and engines that are closed in their middle. */
final class EngineCases {
    private static final int FLOOD = 200;

    private EngineCases() {}

    /** What is done with an engine. */
    @FunctionalInterface
    private interface Work {
        void run(AbuseFixture fixture, LlamaEngine engine) throws Exception;
    }

    static void register(AbuseCases cases) {
        cases.family("engine");
        models(cases);
        requests(cases);
        floods(cases);
        readers(cases);
        closing(cases);
    }

    private static void with(AbuseFixture fixture, UnaryOperator<EngineOptions.Builder> options, Work work)
            throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(
                fixture.model(), options.apply(EngineSamples.options()).build())) {
            work.run(fixture, engine);
        }
    }

    private static AbuseCase.Action engine(Work work) {
        return fixture -> with(fixture, options -> options, work);
    }

    private static CompletionRequest endless() {
        return CompletionRequest.builder("a")
                .maxTokens(Integer.MAX_VALUE)
                .ignoreEndOfGeneration(true)
                .contextFull(ContextFullPolicy.SHIFT)
                .build();
    }

    private static void models(AbuseCases cases) {
        List<UnaryOperator<EngineOptions.Builder>> settings = List.of(
                options -> options.prefixCache(false),
                options -> options.deviceSampling(DeviceSampling.AUTO),
                options -> options.replicas(2),
                options -> options.multiTokenPrediction(2),
                options -> options.batchSize(1),
                options -> options.readAhead(1),
                options -> options.sessionMemory(0),
                options -> options.sequences(256),
                options -> options.contextSize(1),
                options -> options.context(
                        context -> context.threads(1).unifiedKvCache(false).flashAttention(FlashAttention.ENABLED)),
                options -> options.context(context -> context.threads(1).embeddings(true)));
        for (Architecture architecture : Architecture.values()) {
            for (int i = 0; i < settings.size(); i++) {
                UnaryOperator<EngineOptions.Builder> chosen = settings.get(i);
                cases.livesOr(
                        "%s with the settings %d".formatted(architecture, i),
                        f -> generate(f.model(architecture), chosen.apply(EngineSamples.options())),
                        LlamaException.class,
                        IllegalArgumentException.class,
                        IllegalStateException.class,
                        UnsupportedOperationException.class);
            }
        }
        cases.rejects(
                "two models that are not alike",
                IllegalArgumentException.class,
                f -> LlamaEngine.start(
                        List.of(f.model(), f.model(Architecture.QWEN2)),
                        EngineSamples.options().build()));
        cases.rejects(
                "no models",
                IllegalArgumentException.class,
                f -> LlamaEngine.start(List.of(), EngineSamples.options().build()));
        cases.rejects(
                "more sequences than a context has",
                IllegalArgumentException.class,
                f -> LlamaEngine.start(
                        f.model(), EngineSamples.options().sequences(257).build()));
    }

    private static void generate(LlamaModel model, EngineOptions.Builder options) {
        try (LlamaEngine engine = LlamaEngine.start(model, options.build())) {
            List<Generation> all = engine.generate(EngineSamples.request().build(), 4);
            all.forEach(Generation::await);
        }
    }

    private static void requests(AbuseCases cases) {
        int[][] prompts = {{}, {-1}, {1, 512}, {Integer.MAX_VALUE}, {Integer.MIN_VALUE}, new int[100_000]};
        for (int[] prompt : prompts) {
            cases.rejects(
                    "a prompt of %d tokens, %s".formatted(prompt.length, prompt.length == 0 ? "none" : prompt[0]),
                    IllegalArgumentException.class,
                    f -> f.engine().generate(CompletionRequest.builder(prompt).build()));
        }
        for (ContextFullPolicy policy : ContextFullPolicy.values()) {
            for (int keep : new int[] {0, 1, 255, 256, Integer.MAX_VALUE}) {
                cases.livesOr(
                        "a prompt that is too long, policy %s, keep %d".formatted(policy, keep),
                        f -> Uses.await(f.engine()
                                .generate(CompletionRequest.builder("long water ".repeat(500))
                                        .contextFull(policy)
                                        .keepTokens(keep)
                                        .maxTokens(300)
                                        .build())),
                        IllegalArgumentException.class,
                        LlamaException.class);
            }
            for (int guesses : new int[] {1, 64}) {
                cases.livesOr(
                        "guesses until the context is full, policy %s, up to %d".formatted(policy, guesses),
                        f -> Uses.await(f.engine()
                                .generate(CompletionRequest.builder("a a a a a a")
                                        .contextFull(policy)
                                        .ignoreEndOfGeneration(true)
                                        .speculation(Speculation.ngram(1, guesses))
                                        .maxTokens(1000)
                                        .build())),
                        LlamaException.class);
            }
        }
        cases.rejects("an adapter that is closed", IllegalStateException.class, f -> {
            LoraAdapter adapter = LoraAdapter.load(f.model(), f.file(AbuseFiles.LORA));
            adapter.close();
            f.engine()
                    .generate(EngineSamples.request()
                            .adapters(Map.of(adapter, 1f))
                            .build());
        });
        cases.livesOr(
                "an adapter that is closed meanwhile",
                engine((f, engine) -> {
                    LoraAdapter adapter = LoraAdapter.load(f.model(), f.file(AbuseFiles.LORA));
                    Generation generation = engine.generate(CompletionRequest.builder("a")
                            .adapters(Map.of(adapter, 1f))
                            .ignoreEndOfGeneration(true)
                            .build());
                    adapter.close();
                    generation.await();
                }),
                IllegalStateException.class);
        cases.lives(
                "a stop text of 1 MB",
                f -> Uses.await(f.engine()
                        .generate(EngineSamples.request()
                                .stop("a".repeat(1 << 20))
                                .build())));
        cases.lives("10,000 stop texts", f -> {
            String[] stops = new String[10_000];
            for (int i = 0; i < stops.length; i++) {
                stops[i] = "stop" + i;
            }
            Uses.await(f.engine().generate(EngineSamples.request().stop(stops).build()));
        });
        cases.livesOr(
                "a grammar that nothing fits",
                f -> Uses.await(f.engine()
                        .generate(EngineSamples.request()
                                .sampling(SamplingOptions.builder()
                                        .grammar("root ::= \"\\u4e00\"")
                                        .build())
                                .build())),
                LlamaException.class);
    }

    private static void floods(AbuseCases cases) {
        cases.rejects(
                "more generations than may wait",
                EngineBusyException.class,
                f -> f.engine().generate(EngineSamples.request().build(), Integer.MAX_VALUE));
        cases.lives(
                "a flood that is refused in part",
                f -> with(f, o -> o.queueCapacity(4), (fixture, engine) -> {
                    List<Generation> taken = new ArrayList<>();
                    for (int i = 0; i < FLOOD; i++) {
                        try {
                            taken.add(engine.generate(EngineSamples.request().build()));
                        } catch (EngineBusyException busy) {
                            Thread.onSpinWait();
                        }
                    }
                    taken.forEach(Generation::await);
                }));
        cases.lives("a flood that is cancelled at once", engine((f, engine) -> {
            List<Generation> taken = new ArrayList<>();
            for (int i = 0; i < FLOOD; i++) {
                taken.add(engine.generate(endless()));
                taken.getLast().cancel();
            }
            taken.forEach(Generation::await);
        }));
        cases.lives("a flood whose time has run out", engine((f, engine) -> {
            List<Generation> taken = new ArrayList<>();
            for (int i = 0; i < FLOOD; i++) {
                taken.add(engine.generate(
                        EngineSamples.request().timeout(Duration.ofNanos(1)).build()));
            }
            taken.forEach(Generation::await);
        }));
        cases.lives("every priority there is", engine((f, engine) -> {
            List<Generation> taken = new ArrayList<>();
            for (int priority : new int[] {Integer.MIN_VALUE, -1, 0, 1, Integer.MAX_VALUE}) {
                taken.add(engine.generate(
                        EngineSamples.request().priority(priority).build()));
            }
            taken.forEach(Generation::await);
        }));
    }

    private static void readers(AbuseCases cases) {
        cases.rejects("a second reader", IllegalStateException.class, engine((f, engine) -> {
            Generation generation = engine.generate(EngineSamples.request().build());
            Iterator<GenerationChunk> _ = generation.iterator();
            Iterator<GenerationChunk> _ = generation.iterator();
        }));
        cases.rejects("read beyond the end", NoSuchElementException.class, engine((f, engine) -> {
            Iterator<GenerationChunk> chunks =
                    engine.generate(EngineSamples.request().build()).iterator();
            chunks.forEachRemaining(chunk -> {});
            chunks.next();
        }));
        cases.lives(
                "a reader that goes away, and another that goes on",
                f -> with(f, options -> options.readAhead(1), (fixture, engine) -> {
                    Generation left = engine.generate(endless());
                    left.iterator().next();
                    engine.generate(EngineSamples.request().build()).await();
                    left.cancel();
                    left.await();
                }));
        cases.rejects("an interrupted reader", CancellationException.class, engine((f, engine) -> {
            Thread.currentThread().interrupt();
            try {
                engine.generate(endless()).forEach(_ -> {}); // what is there already needs no waiting
            } finally {
                Thread.interrupted();
            }
        }));
        for (long request : new long[] {Long.MIN_VALUE, -1, 0, 1, Integer.MAX_VALUE, Long.MAX_VALUE}) {
            for (boolean cancels : new boolean[] {false, true}) {
                cases.lives(
                        "a subscriber that requests %d%s".formatted(request, cancels ? " and cancels" : ""),
                        engine((f, engine) -> {
                            Generation generation =
                                    engine.generate(EngineSamples.request().build());
                            OddSubscriber subscriber = new OddSubscriber(request, cancels);
                            generation.publisher().subscribe(subscriber);
                            generation.await();
                        }));
            }
        }
        for (String method : List.of("onSubscribe", "onNext", "onComplete")) {
            cases.lives("a subscriber whose %s throws".formatted(method), engine((f, engine) -> {
                Generation generation = engine.generate(EngineSamples.request().build());
                generation.publisher().subscribe(new OddSubscriber(10, false, method));
                generation.await();
            }));
        }
        cases.lives("two subscribers", engine((f, engine) -> {
            Generation generation = engine.generate(EngineSamples.request().build());
            OddSubscriber second = new OddSubscriber(1, false);
            generation.publisher().subscribe(new OddSubscriber(10, false));
            generation.publisher().subscribe(second);
            if (!second.failed.await(5, TimeUnit.SECONDS)) {
                throw new AssertionError("the second subscriber was not told");
            }
            generation.await();
        }));
    }

    private static void closing(AbuseCases cases) {
        cases.rejects("closed while one waits", EngineClosedException.class, engine((f, engine) -> {
            Generation generation = engine.generate(endless());
            engine.close();
            generation.await();
        }));
        cases.rejects("closed while one reads", EngineClosedException.class, engine((f, engine) -> {
            Generation generation = engine.generate(endless());
            Iterator<GenerationChunk> chunks = generation.iterator();
            chunks.next();
            engine.close();
            chunks.forEachRemaining(chunk -> {});
        }));
        cases.lives("closed by four, used by four", f -> {
            for (int i = 0; i < 5; i++) {
                LlamaEngine engine =
                        LlamaEngine.start(f.model(), EngineSamples.options().build());
                Together.Work use = () -> Documented.attempt(
                        () -> engine.generate(EngineSamples.request().build()).await());
                Together.run(engine::close, use, engine::close, use, engine::close, use, engine::close, use);
            }
        });
        cases.lives("closed by its own callback", engine((f, engine) -> {
            Generation generation = engine.generate(endless()).onChunk(chunk -> engine.close());
            try {
                generation.await();
            } catch (EngineClosedException expected) {
                engine.close();
            }
        }));
        cases.lives("its model closed while it generates", f -> {
            LlamaModel model = f.freshModel();
            try (LlamaEngine engine =
                    LlamaEngine.start(model, EngineSamples.options().build())) {
                Generation generation = engine.generate(endless());
                model.close();
                Documented.attempt(
                        () -> engine.generate(EngineSamples.request().build()).await());
                generation.cancel();
                Documented.attempt(generation::await);
            }
        });
        cases.lives("opened and closed 50 times", f -> {
            for (int i = 0; i < 50; i++) {
                LlamaEngine.start(f.model(), EngineSamples.options().build()).close();
            }
        });
        cases.lives("never closed, then collected", f -> {
            for (int i = 0; i < 5; i++) {
                LlamaEngine.start(f.model(), EngineSamples.options().build()).generate(endless());
            }
            System.gc();
        });
    }
}
