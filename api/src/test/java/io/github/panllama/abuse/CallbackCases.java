package io.github.panllama.abuse;

import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationType;
import io.github.panllama.Quantizer;
import io.github.panllama.StateCopy;
import io.github.panllama.TextGenerator;
import io.github.panllama.chat.ChatOptions;
import io.github.panllama.chat.LlamaChat;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.WindowOptions;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Every callback of the API, which does what a callback should not. */
final class CallbackCases {
    /** Does something in whose middle the callback is called. */
    @FunctionalInterface
    private interface Work {
        void run(Samples samples, Misdeed misdeed) throws Exception;
    }

    /** What the callback does. */
    @FunctionalInterface
    private interface Misdeed {
        void commit(Samples samples);

        /** The same, and then it goes on. */
        default boolean thenTrue(Samples samples) {
            commit(samples);
            return true;
        }
    }

    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;

        Thrown() {
            super("thrown on purpose");
        }
    }

    private CallbackCases() {}

    static void register(AbuseCases cases) {
        cases.family("callback");
        List<Class<?>> allowed = new ArrayList<>(Documented.EXCEPTIONS);
        allowed.addAll(
                List.of(Thrown.class, AssertionError.class, StackOverflowError.class, InterruptedException.class));
        works().forEach((work, begin) -> misdeeds()
                .forEach((misdeed, action) -> cases.livesOr(
                        "%s %s".formatted(work, misdeed),
                        fixture -> run(fixture, begin, action),
                        allowed.toArray(Class<?>[]::new))));
    }

    private static void run(AbuseFixture fixture, Work work, Misdeed misdeed) throws Throwable {
        AtomicBoolean done = new AtomicBoolean();
        try (Samples samples = new Samples(fixture, true)) {
            work.run(samples, given -> {
                if (!done.getAndSet(true)) {
                    misdeed.commit(given);
                }
            });
        } finally {
            Thread.interrupted();
        }
        // All of it works again, with another model.
        try (Samples samples = new Samples(fixture, true)) {
            work.run(samples, ignored -> {});
        }
    }

    private static Map<String, Misdeed> misdeeds() {
        Map<String, Misdeed> misdeeds = new LinkedHashMap<>();
        misdeeds.put("throws", samples -> {
            throw new Thrown();
        });
        misdeeds.put("throws an error", samples -> {
            throw new AssertionError("thrown on purpose");
        });
        misdeeds.put(
                "throws a checked exception",
                samples -> CallbackCases.<RuntimeException>sneak(new IOException("thrown on purpose")));
        misdeeds.put("uses up the stack", CallbackCases::recurse);
        misdeeds.put("closes the model", samples -> samples.model().close());
        misdeeds.put("closes everything", CallbackCases::closeAll);
        misdeeds.put("computes with the model", samples -> {
            try (LlamaContext context =
                    samples.model().newContext(AbuseFixture.small().build())) {
                AbuseFixture.decode(context, 0, 0, 3);
            }
        });
        misdeeds.put("loads a model", samples -> samples.fixture().freshModel().close());
        misdeeds.put("interrupts its thread", samples -> Thread.currentThread().interrupt());
        misdeeds.put("collects garbage", samples -> System.gc());
        return misdeeds;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    @SuppressWarnings("InfiniteRecursion") // on purpose
    private static void recurse(Samples samples) {
        recurse(samples);
    }

    /** As a caller would who closes in a callback what the call is about; that may be refused. */
    private static void closeAll(Samples samples) {
        for (AutoCloseable object : samples.open()) {
            try {
                object.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Map<String, Work> works() {
        Map<String, Work> works = new LinkedHashMap<>();
        whole(works);
        generating(works);
        evaluating(works);
        streaming(works);
        return works;
    }

    private static void whole(Map<String, Work> works) {
        works.put(
                "load progress",
                (samples, misdeed) -> samples.keep(LlamaModel.load(
                        samples.fixture().file(),
                        ModelOptions.builder()
                                .progress(fraction -> misdeed.thenTrue(samples))
                                .build())));
        works.put(
                "quantization progress",
                (samples, misdeed) -> Quantizer.quantize(
                        samples.fixture().file(),
                        samples.fixture().newFile(),
                        QuantizationOptions.builder(QuantizationType.Q8_0)
                                .threads(1)
                                .progress(fraction -> misdeed.thenTrue(samples))
                                .build()));
        works.put(
                "embedding progress",
                (samples, misdeed) -> ((Embedder) samples.value(Embedder.class))
                        .embed(List.of("a", "b"), fraction -> misdeed.thenTrue(samples)));
        works.put(
                "ranking progress",
                (samples, misdeed) -> ((Reranker) samples.value(Reranker.class))
                        .rank("a", List.of("b", "c"), fraction -> misdeed.thenTrue(samples)));
        works.put(
                "rows of a tensor",
                (samples, misdeed) -> new GgufWriter()
                        .tensor("a", GgmlType.F32, (TensorSource.Rows) (index, row) -> misdeed.commit(samples), 32, 2)
                        .write(samples.fixture().newFile()));
        works.put(
                "a tensor's bytes",
                (samples, misdeed) -> new GgufWriter()
                        .tensor(
                                "a",
                                GgmlType.F32,
                                out -> {
                                    misdeed.commit(samples);
                                    TensorSource.of(new byte[128]).writeTo(out);
                                },
                                32)
                        .write(samples.fixture().newFile()));
    }

    private static void generating(Map<String, Work> works) {
        works.put(
                "text of a generator",
                (samples, misdeed) -> ((TextGenerator) samples.value(TextGenerator.class))
                        .generate(GenerationRequest.builder("a")
                                .maxTokens(3)
                                .onText(text -> misdeed.commit(samples))
                                .build()));
        works.put(
                "token of a generator",
                (samples, misdeed) -> ((TextGenerator) samples.value(TextGenerator.class))
                        .generate(GenerationRequest.builder("a")
                                .maxTokens(3)
                                .onToken(token -> misdeed.commit(samples))
                                .build()));
        works.put("a chunk", (samples, misdeed) -> end(generation(samples).onChunk(chunk -> misdeed.commit(samples))));
        works.put(
                "a chunk that is looped over",
                (samples, misdeed) -> generation(samples).forEach(chunk -> misdeed.commit(samples)));
        works.put("what follows a result", (samples, misdeed) -> {
            try {
                generation(samples)
                        .result()
                        .thenAccept(result -> misdeed.commit(samples))
                        .get(5, TimeUnit.SECONDS);
            } catch (ExecutionException | CancellationException e) {
                Thread.onSpinWait(); // what the callback threw, which goes to whoever asks for its future
            }
        });
        works.put(
                "settings of a chat's request",
                (samples, misdeed) -> ((LlamaChat) samples.value(LlamaChat.class))
                        .send(
                                "a",
                                ChatOptions.builder()
                                        .maxTokens(3)
                                        .request(request -> misdeed.commit(samples))
                                        .build())
                        .await());
        works.put(
                "an event of a chat",
                (samples, misdeed) -> ((LlamaChat) samples.value(LlamaChat.class))
                        .send("a", ChatOptions.builder().maxTokens(3).build())
                        .forEach(event -> misdeed.commit(samples)));
        works.put(
                "settings of an engine's context",
                (samples, misdeed) -> end(((LlamaEngine) samples.keep(LlamaEngine.start(
                                samples.model(),
                                EngineSamples.options()
                                        .context(context -> {
                                            context.threads(1);
                                            misdeed.commit(samples);
                                        })
                                        .build())))
                        .generate(EngineSamples.request().build())));
    }

    private static Generation generation(Samples samples) throws Exception {
        return ((LlamaEngine) samples.value(LlamaEngine.class))
                .generate(CompletionRequest.builder("a")
                        .maxTokens(8)
                        .ignoreEndOfGeneration(true)
                        .build());
    }

    private static void end(Generation generation) throws Exception {
        try {
            generation.result().get(5, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static void evaluating(Map<String, Work> works) {
        works.put(
                "progress of a perplexity",
                (samples, misdeed) -> Evaluation.perplexity(
                        samples.model(),
                        new int[200],
                        windows()
                                .listener(progress -> misdeed.thenTrue(samples))
                                .build()));
        works.put(
                "counted tokens",
                (samples, misdeed) -> Evaluation.perplexity(
                        samples.model(),
                        new int[200],
                        windows()
                                .countedTokens(token -> misdeed.thenTrue(samples))
                                .build()));
        works.put(
                "settings of a candidate's context",
                (samples, misdeed) -> Evaluation.compare(
                        samples.model(),
                        samples.fixture().model(),
                        new int[200],
                        windows()
                                .candidateContext(context -> misdeed.commit(samples))
                                .build()));
        works.put(
                "progress of tasks",
                (samples, misdeed) -> Evaluation.tasks(
                        samples.model(),
                        List.of(Question.builder("a").answer("b").maxTokens(2).build()),
                        TaskOptions.builder()
                                .sequences(1)
                                .context(context -> context.threads(1))
                                .listener(progress -> misdeed.thenTrue(samples))
                                .build()));
    }

    private static WindowOptions.Builder windows() {
        return WindowOptions.builder().windowSize(64).context(context -> context.threads(1));
    }

    private static void streaming(Map<String, Work> works) {
        works.put(
                "a stream that a state is written to",
                (samples, misdeed) -> ((StateCopy) samples.value(StateCopy.class)).write(new OutputStream() {
                    @Override
                    public void write(int value) {
                        misdeed.commit(samples);
                    }
                }));
        works.put(
                "a stream that a state is read from",
                (samples, misdeed) -> samples.keep(StateCopy.read(
                        new InputStream() {
                            @Override
                            public int read() {
                                misdeed.commit(samples);
                                throw new IllegalStateException("the stream is broken");
                            }

                            @Override
                            public int read(byte[] bytes, int from, int length) {
                                return read();
                            }
                        },
                        samples.model())));
    }
}
