package io.github.panllama.engine;

import io.github.panllama.Llama;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Generates for many at the same time. Requests join and leave between steps: a step computes the next token of every
 * generation together, and pieces of the prompts of those that have come. What prompts have in common is computed once.
 *
 * {@snippet :
 * try (LlamaModel model = LlamaModel.load(Path.of("model.gguf"));
 *         LlamaEngine engine = LlamaEngine.start(model)) {
 *     Generation one = engine.generate(CompletionRequest.of("The capital of France is"));
 *     Generation other = engine.generate(CompletionRequest.of("Once upon a time"));
 *     for (GenerationChunk chunk : one) {
 *         System.out.print(chunk.text());
 *     }
 *     System.out.println(other.await().text());
 * }
 * }
 *
 * <p>The KV cache has room for a number of tokens, of all generations together. A request begins when there is a place
 * for its prompt and its next tokens; until then it waits. When the cache is full, the generation that began last waits
 * in its middle, and goes on from there. What was computed for a generation stays after its end, as long as nobody needs
 * the room, and a prompt that begins alike takes it over.
 *
 * <p><b>Threads.</b> Any, virtual ones too. A thread of the engine's own computes, of each replica one.
 */
public final class LlamaEngine implements AutoCloseable {
    private final EngineOptions options;
    private final Replicas replicas;
    private final Router router;
    private final EngineSessions sessions;
    private final Tokenizer tokenizer;
    private final int room;

    private LlamaEngine(EngineOptions options, Replicas replicas, SessionStore store, @Nullable SessionFolder folder) {
        this.options = options;
        this.replicas = replicas;
        router = new Router(options.prefixCache && replicas.all().size() > 1);
        sessions = new EngineSessions(this, replicas, store, folder);
        tokenizer = model().tokenizer();
        room = replicas.first().room();
    }

    /** An engine with the default options. */
    public static LlamaEngine start(LlamaModel model) {
        return start(model, EngineOptions.defaults());
    }

    /**
     * Starts an engine. It has a context of its own, or as many as {@link EngineOptions.Builder#replicas} says; the model
     * may serve others beside it. What the options leave open of how to compute is measured at the first start, for about
     * 0.3 seconds: {@link EngineStats#tuning}.
     *
     * @throws UnsupportedOperationException if the model has an encoder, is not {@linkplain LlamaModel#isCausal causal}, or
     *     has no layers for the multi-token prediction that the options ask for
     * @throws io.github.panllama.LlamaException if there is no memory for the context
     */
    public static LlamaEngine start(LlamaModel model, EngineOptions options) {
        return start(List.of(model), options);
    }

    /**
     * Starts an engine that computes on several devices. It has a context for each model, or as many as
     * {@link EngineOptions.Builder#replicas} says, and gives each request to one of them: where the fewest tokens are to
     * be computed yet, or where its prompt's beginning was computed lately.
     *
     * {@snippet :
     * List<LlamaModel> models = new ArrayList<>();
     * for (Device gpu : Device.gpus()) {
     *     models.add(LlamaModel.load(file, ModelOptions.builder().devices(List.of(gpu)).build()));
     * }
     * LlamaEngine engine = LlamaEngine.start(models, EngineOptions.defaults());
     * }
     *
     * <p>How to compute is measured with the first model, and all contexts are alike. The engine fails as a whole where
     * one of them does, as when one of the models is closed.
     *
     * @param models loaded from the same file, with the same options but for devices and what goes to them; at least one
     * @throws IllegalArgumentException if there is no model, they are not the same, or they have more than {@value
     *     EngineOptions#MAX_REPLICAS} replicas together
     * @throws UnsupportedOperationException as for {@link #start(LlamaModel, EngineOptions)}
     * @throws io.github.panllama.LlamaException if there is no memory for the contexts
     */
    public static LlamaEngine start(List<LlamaModel> models, EngineOptions options) {
        List<LlamaModel> all = SameModel.check(models);
        int most = Llama.maxSequences();
        if (options.sequences > most) {
            throw new IllegalArgumentException(
                    "sequences is %d, must be in [1, %d], as many as a context can have; replicas make it more"
                            .formatted(options.sequences, most));
        }
        SessionStore store = new SessionStore(options.sessionMemory, options.sessionFolder != null);
        Replicas replicas = Replicas.open(all, options, store);
        SessionFolder folder = null;
        try {
            folder = sessionFolder(options, replicas.first());
            LlamaEngine engine = new LlamaEngine(options, replicas, store, folder);
            engine.sessions.start();
            engine.replicas.start();
            return engine;
        } catch (RuntimeException | Error e) {
            try {
                replicas.discard();
            } finally {
                if (folder != null) {
                    folder.close();
                }
            }
            throw e;
        }
    }

    private static @Nullable SessionFolder sessionFolder(EngineOptions options, Replica replica) {
        if (options.sessionFolder == null) {
            return null;
        }
        SessionLimits limits = SessionLimits.of(replica.model(), replica.room(), options.sessionMemory);
        return SessionFolder.open(options.sessionFolder, replica.model(), limits);
    }

    /**
     * Submits a request.
     *
     * @return the generation, which begins as soon as there is room
     * @throws EngineBusyException if as many wait as may
     * @throws EngineClosedException if the engine is closed
     * @throws IllegalArgumentException if the prompt is empty or does not fit the context, has a token that is not in
     *     the vocabulary, more logprobs are asked for than there are tokens, an adapter is of another model, a stage of
     *     sampling does not fit the model, or a draft model has another vocabulary
     * @throws IllegalStateException if an adapter is closed
     * @throws UnsupportedOperationException if the context shall be shifted when it is full, and cannot be; if the request
     *     speculates and the model, or the draft model, has a memory that cannot lose its last tokens, or the engine was
     *     started without the multi-token prediction that it asks for
     */
    public Generation generate(CompletionRequest request) {
        return generate(request, 1).getFirst();
    }

    /**
     * Submits a request several times, for answers to choose from; the prompt is computed once. Give no seed, or all
     * are alike.
     *
     * @param count generations, 1 or more
     * @return the generations; all were submitted, or none
     * @throws EngineBusyException if not all can wait
     * @throws EngineClosedException if the engine is closed
     * @throws IllegalArgumentException as for {@link #generate(CompletionRequest)}
     */
    public List<Generation> generate(CompletionRequest request, int count) {
        Objects.requireNonNull(request, "request");
        if (count < 1) {
            throw new IllegalArgumentException("count is %d, must be positive".formatted(count));
        }
        return submit(request, prompt(request, new int[0]), null, count);
    }

    Generation generate(CompletionRequest request, Session session, int[] conversation) {
        return submit(request, prompt(request, conversation), session, 1).getFirst();
    }

    private List<Generation> submit(CompletionRequest request, int[] prompt, @Nullable Session session, int count) {
        Replica any = replicas.first();
        if (request.contextFull == ContextFullPolicy.SHIFT && !any.canShift()) {
            throw new UnsupportedOperationException(
                    "The memory of this model cannot be shifted; contextFull must be STOP or FAIL");
        }
        replicas.checkRoom(count);
        long now = System.nanoTime();
        checkLogprobs(request);
        RoutedPrompt routed = route(request, prompt, session);
        boolean together = options.prefixCache && any.canShare();
        List<JobLoad> loads = router.place(routed, count, together);
        List<Job> jobs = new ArrayList<>();
        try {
            for (JobLoad load : loads) {
                jobs.add(replicas.of(load).job(request, prompt, session, load, options.readAhead, now));
            }
            replicas.submit(jobs);
        } catch (RuntimeException | Error e) {
            jobs.forEach(Job::release);
            loads.forEach(JobLoad::end);
            throw e;
        }
        return jobs.stream().map(Job::generation).toList();
    }

    private RoutedPrompt route(CompletionRequest request, int[] prompt, @Nullable Session session) {
        // What was computed with adapters serves requests with the same ones alone.
        long seed = request.adapters.hashCode();
        return new RoutedPrompt(
                able(request),
                prompt.length,
                request.maxTokens,
                seed,
                router.chain(prompt, seed),
                session == null ? 0 : session.length(),
                replicas.homeOf(session));
    }

    private void checkLogprobs(CompletionRequest request) {
        if (request.logprobs.orElse(0) > model().vocabularySize()) {
            throw new IllegalArgumentException("logprobs is %d, must be in [0, %d], the size of the vocabulary"
                    .formatted(request.logprobs.getAsInt(), model().vocabularySize()));
        }
    }

    /** The replicas whose model has the adapters of a request. */
    private List<ReplicaLoad> able(CompletionRequest request) {
        List<ReplicaLoad> able = replicas.able(request.adapters.keySet());
        for (LoraAdapter adapter : request.adapters.keySet()) {
            if (able.isEmpty()) {
                throw new IllegalArgumentException("The adapter %s was loaded for another model, %s%s"
                        .formatted(
                                adapter.file(),
                                adapter.model(),
                                request.adapters.size() > 1 ? ", than the engine or the other adapters have" : ""));
            }
            if (adapter.isClosed()) {
                throw new IllegalStateException("The adapter %s is closed".formatted(adapter.file()));
            }
        }
        return able;
    }

    private int[] prompt(CompletionRequest request, int[] before) {
        int[] added = request.prompt == null
                ? request.promptTokens
                : tokenizer.encode(request.prompt, before.length == 0, true);
        int[] prompt = Arrays.copyOf(before, before.length + added.length);
        System.arraycopy(added, 0, prompt, before.length, added.length);
        if (request.contextFull == ContextFullPolicy.SHIFT) {
            prompt = withoutMiddle(prompt, Math.min(request.keepTokens, room / 2));
        }
        if (prompt.length == 0 || prompt.length > room) {
            throw new IllegalArgumentException(
                    "The prompt has %d tokens, must have 1 to %d, which a sequence has room for: set contextSize"
                            .formatted(prompt.length, room));
        }
        for (int token : prompt) {
            if (token < 0 || token >= model().vocabularySize()) {
                throw new IllegalArgumentException("The prompt has the token %d, must be in [0, %d), the vocabulary"
                        .formatted(token, model().vocabularySize()));
            }
        }
        return prompt;
    }

    /** What is too long keeps its first tokens, and as many of its last ones as leave some room. */
    private int[] withoutMiddle(int[] prompt, int keep) {
        if (prompt.length <= room) {
            return prompt;
        }
        int last = (room - keep) / 2;
        int[] shorter = Arrays.copyOf(prompt, keep + last);
        System.arraycopy(prompt, prompt.length - last, shorter, keep, last);
        return shorter;
    }

    /**
     * Opens a conversation, under an id that nobody has.
     *
     * @throws EngineClosedException if the engine is closed
     */
    public Session openSession() {
        return openSession(Session.newId());
    }

    /**
     * Opens a conversation: the one that was {@linkplain Session#save saved} under this id in the session folder, or
     * else a new one.
     *
     * @param id 1 to 128 letters, digits, {@code _} or {@code -}
     * @throws IllegalStateException if a session of this id is open
     * @throws io.github.panllama.InvalidStateException if its file is damaged, or of another model or release of llama.cpp
     * @throws io.github.panllama.LlamaException if its file cannot be read
     * @throws EngineClosedException if the engine is closed
     */
    public Session openSession(String id) {
        return sessions.open(id);
    }

    /** The sessions that are open, in no order. */
    public List<Session> sessions() {
        return sessions.all();
    }

    Session fork(Session source, String id) {
        return sessions.fork(source, id);
    }

    void save(Session session) {
        sessions.save(session);
    }

    void forget(Session session) {
        sessions.forget(session);
    }

    /** What the engine does and has done. */
    public EngineStats stats() {
        return replicas.stats(sessions.stats());
    }

    /** The most tokens that a generation can have, prompt and answer together. */
    public int sequenceContextSize() {
        return room;
    }

    /** The model; the first one of several. */
    public LlamaModel model() {
        return replicas.first().model();
    }

    /**
     * Ends the engine, not the model: what waits and what runs fails with {@link EngineClosedException}, a step that is
     * being computed is broken off, the contexts are freed. Sessions that were not {@linkplain Session#save saved} are
     * lost. May be called twice, from any thread.
     */
    @Override
    public void close() {
        replicas.close(null);
        // The contexts must be gone when this returns.
        boolean interrupted = replicas.join();
        sessions.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
