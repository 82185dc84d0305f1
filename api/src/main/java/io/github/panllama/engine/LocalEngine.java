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
 * An engine in this process.
 *
 * <p><b>Threads.</b> Any.
 */
final class LocalEngine implements LlamaEngine, SessionHost {
    private final EngineOptions options;
    private final Replicas replicas;
    private final EngineFiles files;
    private final Router router;
    private final EngineSessions sessions;
    private final Tokenizer tokenizer;
    private final int room;

    private LocalEngine(
            EngineOptions options,
            Replicas replicas,
            EngineFiles files,
            SessionStore store,
            @Nullable SessionFolder folder) {
        this.options = options;
        this.replicas = replicas;
        this.files = files;
        router = new Router(options.prefixCache && replicas.all().size() > 1);
        sessions = new EngineSessions(this, replicas, store, folder);
        tokenizer = model().tokenizer();
        room = replicas.first().room();
    }

    /**
     * See {@link LlamaEngine#start(List, EngineOptions)}.
     *
     * @param stepped called by the threads that compute, after requests have begun and after each step
     */
    static LocalEngine open(List<LlamaModel> models, EngineOptions options, Runnable stepped) {
        List<LlamaModel> all = SameModel.check(models);
        int most = Llama.maxSequences();
        if (options.sequences > most) {
            throw new IllegalArgumentException(
                    "sequences is %d, must be in [1, %d], as many as a context can have; replicas make it more"
                            .formatted(options.sequences, most));
        }
        SessionStore store = new SessionStore(options.sessionMemory, options.sessionFolder != null);
        Replicas replicas = Replicas.open(all, options, store, stepped);
        SessionFolder folder = null;
        EngineFiles files = null;
        try {
            folder = sessionFolder(options, replicas.first());
            files = EngineFiles.load(all, options);
            LocalEngine engine = new LocalEngine(options, replicas, files, store, folder);
            engine.sessions.start();
            engine.replicas.start();
            return engine;
        } catch (RuntimeException | Error e) {
            // Each is closed, whatever the others throw.
            try (EngineFiles _ = files;
                    SessionFolder _ = folder) {
                replicas.discard();
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

    @Override
    public Generation generate(CompletionRequest request) {
        return generate(request, 1).getFirst();
    }

    @Override
    public List<Generation> generate(CompletionRequest request, int count) {
        Objects.requireNonNull(request, "request");
        if (count < 1) {
            throw new IllegalArgumentException("count is %d, must be positive".formatted(count));
        }
        return generate(request, count, Generation::new);
    }

    @Override
    public Generation generate(CompletionRequest request, Session session, int[] conversation) {
        return generate(request, session, conversation, Generation::new);
    }

    /** As {@link #generate(CompletionRequest, int)}, with generations of another kind. */
    List<Generation> generate(CompletionRequest request, int count, Maker maker) {
        return submit(request, prompt(request, new int[0]), null, count, maker);
    }

    /** As {@link #generate(CompletionRequest, Session, int[])}, with a generation of another kind. */
    Generation generate(CompletionRequest request, Session session, int[] conversation, Maker maker) {
        return submit(request, prompt(request, conversation), session, 1, maker).getFirst();
    }

    /** Makes a generation, for a number of chunks that may wait, and with what wakes the engine. */
    @FunctionalInterface
    interface Maker {
        Generation make(int readAhead, Runnable wakeEngine);
    }

    private List<Generation> submit(
            CompletionRequest request, int[] prompt, @Nullable Session session, int count, Maker maker) {
        Replica any = replicas.first();
        if (request.contextFull == ContextFullPolicy.SHIFT && !any.canShift()) {
            throw new UnsupportedOperationException(
                    "The memory of this model cannot be shifted; contextFull must be STOP or FAIL");
        }
        files.check(request);
        replicas.checkRoom(count);
        long now = System.nanoTime();
        checkLogprobs(request);
        RoutedPrompt routed = route(request, prompt, session);
        boolean together = options.prefixCache && any.canShare();
        List<JobLoad> loads = router.place(routed, count, together);
        List<Job> jobs = new ArrayList<>();
        try {
            for (JobLoad load : loads) {
                Replica replica = replicas.of(load);
                Generation generation = maker.make(options.readAhead, replica::wake);
                CompletionRequest resolved = files.resolve(request, replica.model());
                jobs.add(replica.job(resolved, prompt, session, load, generation, now));
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
        long seed = 31L * request.namedAdapters.hashCode() + request.adapters.hashCode();
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

    @Override
    public Session openSession() {
        return openSession(Session.newId());
    }

    @Override
    public Session openSession(String id) {
        return sessions.open(id);
    }

    @Override
    public List<Session> sessions() {
        return sessions.all();
    }

    @Override
    public Session fork(Session source, String id) {
        return sessions.fork(source, id);
    }

    @Override
    public void save(Session session) {
        sessions.save(session);
    }

    @Override
    public void forget(Session session) {
        sessions.forget(session);
    }

    @Override
    public EngineStats stats() {
        return replicas.stats(sessions.stats());
    }

    /** As {@link Pulse#look}, the most of any thread that computes. */
    int look(boolean excused) {
        return replicas.look(excused);
    }

    @Override
    public int sequenceContextSize() {
        return room;
    }

    @Override
    public EngineModel description() {
        return EngineModel.of(model());
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return tokenizer.encode(text, addSpecial, parseSpecial);
    }

    @Override
    public String decode(int[] tokens, boolean special) {
        return tokenizer.decode(tokens, special);
    }

    @Override
    public boolean isIsolated() {
        return false;
    }

    @Override
    public LlamaModel model() {
        return replicas.first().model();
    }

    @Override
    public void close() {
        replicas.close(null);
        // The contexts must be gone when this returns.
        boolean interrupted = replicas.join();
        sessions.close();
        files.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
