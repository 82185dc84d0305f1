package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.BatchSampler;
import io.github.panllama.ContextMemory;
import io.github.panllama.ContextState;
import io.github.panllama.Drafter;
import io.github.panllama.Embedding;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Logits;
import io.github.panllama.LoraAdapter;
import io.github.panllama.MemoryPlanner;
import io.github.panllama.ModelOptions;
import io.github.panllama.Sampler;
import io.github.panllama.StateCopy;
import io.github.panllama.StreamingDecoder;
import io.github.panllama.TextGenerator;
import io.github.panllama.Tokenizer;
import io.github.panllama.chat.ChatTurn;
import io.github.panllama.chat.LlamaChat;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.engine.EngineClosedException;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import io.github.panllama.gpu.GpuMonitor;
import io.github.panllama.gpu.GpuRecording;
import io.github.panllama.gpu.GpuSampler;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Every public method of every object that is closed, or whose owner is: {@code IllegalStateException}, or that the
 * engine is closed, but for those that say what needs no native memory.
 */
final class ClosedCases {
    /** A closed object, or one whose owner is closed. */
    @FunctionalInterface
    private interface Closed {
        Object make(AbuseFixture fixture) throws Exception;
    }

    private ClosedCases() {}

    static void register(AbuseCases cases) {
        cases.family("closed");
        add(
                cases,
                LlamaModel.class,
                Set.of(
                        "close",
                        "isClosed",
                        "files",
                        "architecture",
                        "tokenizer",
                        "isOffloaded",
                        "devices",
                        "splitMode"),
                fixture -> {
                    LlamaModel model = fixture.freshModel();
                    model.close();
                    return model;
                });
        add(cases, MemoryPlanner.class, Set.of("close", "isOffloaded", "devices"), fixture -> {
            MemoryPlanner planner = MemoryPlanner.open(fixture.file(), ModelOptions.defaults());
            planner.close();
            return planner;
        });
        add(cases, Tokenizer.class, Set.of("size", "newStreamingDecoder"), fixture -> {
            LlamaModel model = fixture.freshModel();
            model.close();
            return model.tokenizer();
        });
        add(cases, StreamingDecoder.class, Set.of("finish"), fixture -> {
            LlamaModel model = fixture.freshModel();
            model.close();
            return model.tokenizer().newStreamingDecoder();
        });
        add(
                cases,
                LlamaContext.class,
                Set.of("close", "isClosed", "model", "memory", "state", "batchSize", "microBatchSize", "maxSequences"),
                fixture -> closedContext(fixture));
        add(
                cases,
                ContextMemory.class,
                Set.of(),
                fixture -> closedContext(fixture).memory());
        add(
                cases,
                ContextState.class,
                Set.of(),
                fixture -> closedContext(fixture).state());
        add(cases, StateCopy.class, Set.of("close", "sizeInBytes"), fixture -> {
            StateCopy copy = fixture.decoded(3).state().copy();
            copy.close();
            return copy;
        });
        add(cases, Logits.class, Set.of("size"), fixture -> {
            LlamaContext context = fixture.decoded(3);
            Logits logits = context.logits(2);
            context.close();
            return logits;
        });
        add(cases, Embedding.class, Set.of("size"), fixture -> {
            LlamaContext context =
                    AbuseFixture.decoded(fixture.context(AbuseFixture.small().embeddings(true)), 3);
            Embedding embedding = context.embedding(2);
            context.close();
            return embedding;
        });
        add(cases, Batch.class, Set.of("close", "size", "capacity", "isEmpty", "outputCount"), fixture -> {
            try (LlamaContext context = fixture.context()) {
                Batch batch = context.newBatch();
                batch.close();
                return batch;
            }
        });
        add(cases, Sampler.class, Set.of("close", "isClosed", "stages"), fixture -> {
            Sampler sampler = Sampler.greedy(fixture.model());
            sampler.close();
            return sampler;
        });
        add(cases, BatchSampler.class, Set.of("close", "error", "onDevice"), fixture -> {
            BatchSampler sampler = BatchSampler.create(4, 2);
            sampler.close();
            return sampler;
        });
        add(cases, Drafter.class, Set.of("close"), fixture -> {
            Drafter drafter = Drafter.lookup(Drafter.Lookup.SIMPLE, 2, 4);
            drafter.close();
            return drafter;
        });
        add(cases, LoraAdapter.class, Set.of("close", "isClosed", "file", "model"), fixture -> {
            LoraAdapter adapter = LoraAdapter.load(fixture.model(), fixture.file(AbuseFiles.LORA));
            adapter.close();
            return adapter;
        });
        add(cases, Embedder.class, Set.of("close", "pooling", "normalization", "dimensions", "maxTokens"), fixture -> {
            Embedder embedder =
                    Embedder.of(fixture.model(), EmbeddingCases.options().build());
            embedder.close();
            return embedder;
        });
        add(cases, Reranker.class, Set.of("close", "labels", "maxTokens"), fixture -> {
            try (LlamaModel model = LlamaModel.load(fixture.file(AbuseFiles.RERANKER))) {
                Reranker reranker =
                        Reranker.of(model, EmbeddingCases.rerankerOptions().build());
                reranker.close();
                return reranker;
            }
        });
        add(cases, TextGenerator.class, Set.of("close", "context"), fixture -> {
            TextGenerator generator =
                    TextGenerator.of(fixture.model(), AbuseFixture.small().build());
            generator.close();
            return generator;
        });
        add(
                cases,
                LlamaChat.class,
                Set.of("close", "messages", "droppedMessages", "prompt", "options", "template"),
                fixture -> closedChat(fixture));
        engines(cases);
        add(
                cases,
                GpuMonitor.class,
                Set.of("close", "isClosed", "cards", "card", "driverVersion", "cudaVersion"),
                fixture -> {
                    GpuMonitor monitor = GpuSamples.monitor(fixture);
                    monitor.close();
                    return monitor;
                });
        add(cases, GpuRecording.class, Set.of("close", "stop"), fixture -> {
            try (GpuMonitor monitor = GpuSamples.monitor(fixture)) {
                return monitor.record(Duration.ofHours(1));
            }
        });
        add(cases, GpuSampler.class, Set.of("close"), fixture -> {
            try (GpuMonitor monitor = GpuSamples.monitor(fixture)) {
                return monitor.sampleEvery(Duration.ofHours(1), samples -> {});
            }
        });
    }

    private static void engines(AbuseCases cases) {
        add(
                cases,
                LlamaEngine.class,
                // The model is asked, which is open still.
                Set.of(
                        "close",
                        "stats",
                        "sessions",
                        "sequenceContextSize",
                        "model",
                        "encode",
                        "decode",
                        "description",
                        "isIsolated"),
                fixture -> closedEngine(fixture));
        add(cases, Session.class, Set.of("close", "id", "tokens", "length"), fixture -> {
            Session session = fixture.engine().openSession();
            session.close();
            return session;
        });
        for (Class<?> type : List.of(Generation.class, ChatTurn.class)) {
            Set<String> all =
                    PublicApi.members(type).stream().map(Executable::getName).collect(Collectors.toSet());
            add(cases, type, all, fixture -> ended(fixture, type));
        }
    }

    private static LlamaEngine closedEngine(AbuseFixture fixture) {
        LlamaEngine engine =
                LlamaEngine.start(fixture.model(), EngineSamples.options().build());
        engine.close();
        return engine;
    }

    /** A generation or a turn that has ended; then all that it came from is closed. */
    private static Object ended(AbuseFixture fixture, Class<?> type) throws Exception {
        try (Samples samples = new Samples(fixture, true)) {
            Object object = samples.value(type);
            if (object instanceof Generation generation) {
                generation.await();
            } else if (object instanceof ChatTurn turn) {
                turn.await();
            }
            return object;
        }
    }

    private static LlamaChat closedChat(AbuseFixture fixture) throws Exception {
        try (Samples samples = new Samples(fixture);
                LlamaChat chat = (LlamaChat) samples.value(LlamaChat.class)) {
            return chat;
        }
    }

    private static LlamaContext closedContext(AbuseFixture fixture) {
        LlamaContext context = fixture.decoded(3);
        context.close();
        return context;
    }

    private static void add(AbuseCases cases, Class<?> type, Set<String> harmless, Closed closed) {
        PublicApi.members(type).stream()
                .filter(member -> member instanceof Method && !Modifier.isStatic(member.getModifiers()))
                .forEach(member -> {
                    AbuseCase.Action action = fixture -> call(fixture, (Method) member, closed);
                    String name = PublicApi.describe(member);
                    if (harmless.contains(member.getName()) || NullCases.isObjectMethod(member)) {
                        cases.lives(name, action);
                    } else {
                        cases.rejectsAny(
                                name, List.of(IllegalStateException.class, EngineClosedException.class), action);
                    }
                });
    }

    /** As many as the method wants, so that it has nothing else to complain about. */
    private static float[] floats(Method method) {
        return new float
                [switch (method.getName()) {
                    case "sample" -> 512;
                    case "copyTo" -> 1000;
                    default -> 64;
                }];
    }

    private static void call(AbuseFixture fixture, Method method, Closed closed) throws Throwable {
        try (Samples samples = new Samples(fixture)) {
            Object[] arguments = new Object[method.getParameterCount()];
            for (int i = 0; i < arguments.length; i++) {
                Class<?> type = method.getParameterTypes()[i];
                arguments[i] = type == float[].class
                        ? floats(method)
                        : type == int[].class ? new int[4] : samples.value(method.getGenericParameterTypes()[i]);
            }
            method.invoke(closed.make(fixture), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
