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
import io.github.panllama.Sampler;
import io.github.panllama.StateCopy;
import io.github.panllama.StreamingDecoder;
import io.github.panllama.TextGenerator;
import io.github.panllama.Tokenizer;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTurn;
import io.github.panllama.chat.LlamaChat;
import io.github.panllama.chat.ReplyStream;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every public method of every object that has native memory or a thread behind it: called by two threads at once, and
 * while another thread closes the object, what it was made of, and the model.
 */
final class RaceCases {
    private static final int ROUNDS = 10;

    private static final List<Class<?>> TYPES = List.of(
            LlamaModel.class,
            Tokenizer.class,
            StreamingDecoder.class,
            LlamaContext.class,
            ContextMemory.class,
            ContextState.class,
            StateCopy.class,
            Logits.class,
            Embedding.class,
            Batch.class,
            Sampler.class,
            BatchSampler.class,
            Drafter.class,
            LoraAdapter.class,
            Embedder.class,
            Reranker.class,
            TextGenerator.class,
            ChatTemplate.class,
            ChatPrompt.class,
            ReplyStream.class,
            LlamaChat.class,
            ChatTurn.class,
            LlamaEngine.class,
            Session.class,
            Generation.class);

    /** Plain Java objects whose documentation says that one thread may use them at a time; nothing guards that. */
    private static final Set<Class<?>> UNGUARDED = Set.of(StreamingDecoder.class, ReplyStream.class);

    private RaceCases() {}

    static void register(AbuseCases cases) {
        cases.family("race");
        for (Class<?> type : TYPES) {
            PublicApi.members(type).stream()
                    .filter(member -> member instanceof Method && !Modifier.isStatic(member.getModifiers()))
                    .filter(member -> !NullCases.isObjectMethod(member))
                    .map(Method.class::cast)
                    .forEach(method -> register(cases, type, method));
        }
    }

    private static void register(AbuseCases cases, Class<?> type, Method method) {
        String name = PublicApi.describe(method);
        if (!UNGUARDED.contains(type)) {
            cases.lives(name + " by two threads", f -> byTwo(f, type, method));
        }
        cases.lives(name + " while all is closed", f -> whileClosing(f, type, method));
    }

    private static void byTwo(AbuseFixture fixture, Class<?> type, Method method) throws Throwable {
        try (Samples samples = new Samples(fixture, true)) {
            Object receiver = samples.value(type);
            Together.run(() -> repeat(fixture, receiver, method), () -> repeat(fixture, receiver, method));
        }
    }

    private static void whileClosing(AbuseFixture fixture, Class<?> type, Method method) throws Throwable {
        Samples samples = new Samples(fixture, true);
        try {
            Object receiver = samples.value(type);
            Together.run(() -> repeat(fixture, receiver, method), samples::close);
        } finally {
            samples.close();
        }
    }

    /** Calls a method several times; each may end as documented. */
    private static void repeat(AbuseFixture fixture, Object receiver, Method method) throws Throwable {
        try (Samples samples = new Samples(fixture)) {
            for (int i = 0; i < ROUNDS; i++) {
                @Nullable Object[] arguments = PublicCall.arguments(samples, method);
                Object result = Documented.attempt(() -> PublicCall.on(receiver, method, arguments));
                Documented.attempt(() -> finish(result));
            }
        }
    }

    private static @Nullable Object finish(@Nullable Object result) throws Exception {
        if (result instanceof Iterator<?> iterator) {
            iterator.forEachRemaining(given -> {});
        } else if (result instanceof AutoCloseable closeable) {
            closeable.close();
        }
        return null;
    }
}
