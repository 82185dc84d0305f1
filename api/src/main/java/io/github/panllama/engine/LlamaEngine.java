package io.github.panllama.engine;

import io.github.panllama.Llama;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.Sampler;
import java.io.IOException;
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
 * <p><b>Threads.</b> Any, virtual ones too. One thread of the engine's own computes.
 */
public final class LlamaEngine implements AutoCloseable {
    private final LlamaModel model;
    private final EngineOptions options;
    private final RequestQueue queue;
    private final StatsRecorder stats = new StatsRecorder();
    private final SessionStore sessions;
    private final @Nullable SessionFolder folder;
    private final DraftSources drafts;
    private final EngineLoop loop;
    private final Thread thread;
    private final @Nullable Thread disk;
    private final int room;
    private final int cells;
    private final int sequences;
    private final boolean canShift;
    private final EngineTuning tuning;

    private LlamaEngine(LlamaModel model, EngineOptions options, EngineContext opened, @Nullable SessionFolder folder) {
        LlamaContext context = opened.context();
        tuning = opened.tuning();
        this.model = model;
        this.options = options;
        this.folder = folder;
        sessions = new SessionStore(options.sessionMemory, folder != null);
        queue = new RequestQueue(options.queueCapacity, options.aging);
        room = context.sequenceContextSize();
        cells = context.contextSize();
        sequences = context.maxSequences();
        canShift = context.memory().canShift() && context.memory().canRemoveParts();
        drafts = new DraftSources(context, options, tuning);
        try {
            loop = new EngineLoop(context, queue, options, stats, sessions, drafts);
        } catch (RuntimeException | Error e) {
            drafts.close();
            throw e;
        }
        thread = Thread.ofPlatform().daemon().name("panllama-engine").unstarted(loop);
        disk = folder == null
                ? null
                : Thread.ofPlatform()
                        .daemon()
                        .name("panllama-sessions")
                        .unstarted(new SessionDisk(sessions, folder, loop::wake));
    }

    /** An engine with the default options. */
    public static LlamaEngine start(LlamaModel model) {
        return start(model, EngineOptions.defaults());
    }

    /**
     * Starts an engine. It has a context of its own; the model may serve others beside it. What the options leave open
     * of how to compute is measured at the first start, for about 0.3 seconds: {@link EngineStats#tuning}.
     *
     * @throws UnsupportedOperationException if the model has an encoder, or no layers for the multi-token prediction that
     *     the options ask for
     * @throws io.github.panllama.LlamaException if there is no memory for the context
     */
    public static LlamaEngine start(LlamaModel model, EngineOptions options) {
        if (model.hasEncoder() || !model.hasDecoder()) {
            throw new UnsupportedOperationException(model + " has an encoder; an engine needs a decoder alone");
        }
        int most = Llama.maxSequences();
        if (options.sequences > most) {
            throw new IllegalArgumentException("sequences is %d, must be in [1, %d], as many as a context can have"
                    .formatted(options.sequences, most));
        }
        EngineContext opened = EngineContext.open(model, options);
        SessionFolder folder = null;
        try {
            folder = options.sessionFolder == null ? null : SessionFolder.open(options.sessionFolder, model);
            LlamaEngine engine = new LlamaEngine(model, options, opened, folder);
            engine.begin();
            return engine;
        } catch (RuntimeException | Error e) {
            opened.context().close();
            if (folder != null) {
                folder.close();
            }
            throw e;
        }
    }

    private void begin() {
        if (disk != null) {
            disk.start();
        }
        thread.start();
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
        if (request.contextFull == ContextFullPolicy.SHIFT && !canShift) {
            throw new UnsupportedOperationException(
                    "The memory of this model cannot be shifted; contextFull must be STOP or FAIL");
        }
        queue.checkRoom(count);
        long now = System.nanoTime();
        checkLogprobs(request);
        checkAdapters(request);
        List<Job> jobs = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Generation generation = new Generation(options.readAhead, loop::wake);
                Draft draft = request.speculation == null ? null : drafts.draft(request.speculation);
                Sampler sampler = sampler(request, draft);
                jobs.add(new Job(request, prompt, room, generation, sampler, draft, model.tokenizer(), session, now));
            }
            queue.add(jobs);
        } catch (RuntimeException | Error e) {
            jobs.forEach(Job::release);
            throw e;
        }
        loop.wake();
        return jobs.stream().map(Job::generation).toList();
    }

    private Sampler sampler(CompletionRequest request, @Nullable Draft draft) {
        try {
            return Sampler.of(model, request.sampling);
        } catch (RuntimeException | Error e) {
            if (draft != null) {
                draft.jobEnded();
            }
            throw e;
        }
    }

    private void checkLogprobs(CompletionRequest request) {
        if (request.logprobs.orElse(0) > model.vocabularySize()) {
            throw new IllegalArgumentException("logprobs is %d, must be in [0, %d], the size of the vocabulary"
                    .formatted(request.logprobs.getAsInt(), model.vocabularySize()));
        }
    }

    private void checkAdapters(CompletionRequest request) {
        for (LoraAdapter adapter : request.adapters.keySet()) {
            if (adapter.model() != model) {
                throw new IllegalArgumentException(
                        "The adapter %s was loaded for another model, %s".formatted(adapter.file(), adapter.model()));
            }
            if (adapter.isClosed()) {
                throw new IllegalStateException("The adapter %s is closed".formatted(adapter.file()));
            }
        }
    }

    private int[] prompt(CompletionRequest request, int[] before) {
        int[] added = request.prompt == null
                ? request.promptTokens
                : model.tokenizer().encode(request.prompt, before.length == 0, true);
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
            if (token < 0 || token >= model.vocabularySize()) {
                throw new IllegalArgumentException("The prompt has the token %d, must be in [0, %d), the vocabulary"
                        .formatted(token, model.vocabularySize()));
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
        Session session = new Session(this, SessionFolder.checkId(id));
        sessions.add(session);
        try {
            // Nobody can have its file between the two.
            read(session);
            return session;
        } catch (IOException e) {
            sessions.remove(session, () -> {});
            throw new LlamaException("The session " + id + " cannot be read: " + e, e);
        } catch (RuntimeException | Error e) {
            sessions.remove(session, () -> {});
            throw e;
        }
    }

    private void read(Session session) throws IOException {
        SessionFile.Content content = folder == null ? null : folder.read(session.id());
        if (content == null) {
            return;
        }
        session.begin(content.tokens);
        if (content.copy != null) {
            sessions.opened(session, content.computed, content.copy);
        }
    }

    /** The sessions that are open, in no order. */
    public List<Session> sessions() {
        return sessions.open();
    }

    Session fork(Session source, String id) {
        Session fork = new Session(this, SessionFolder.checkId(id));
        sessions.add(fork);
        try {
            if (folder != null && folder.has(id)) {
                throw new IllegalStateException("There is a saved session " + id);
            }
            fork.begin(source.conversation());
            park(source);
            sessions.share(source, fork);
            return fork;
        } catch (RuntimeException | Error e) {
            sessions.remove(fork, () -> {});
            throw e;
        }
    }

    void save(Session session) {
        SessionFolder to = folder;
        if (to == null) {
            throw new IllegalStateException("The engine has no session folder: set sessionFolder in EngineOptions");
        }
        park(session);
        try {
            if (!sessions.save(session)) {
                SessionFile.Content tokens = new SessionFile.Content(session.conversation(), new int[0], null);
                sessions.withFile(session, () -> write(to, session, tokens));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlamaException("The session " + session.id() + " is not saved: interrupted", e);
        }
    }

    private static void write(SessionFolder to, Session session, SessionFile.Content content) {
        try {
            to.write(session.id(), content, () -> false);
        } catch (IOException e) {
            throw new LlamaException("The session " + session.id() + " cannot be saved: " + e, e);
        }
    }

    /** Copies what the context has of a session to where all can get it, and waits until there is room for that. */
    private void park(Session session) {
        try {
            while (!loop.call(placement -> placement.park(session))) {
                sessions.awaitRoom(loop.call(placement -> placement.size(session)));
                // Where there was room, a step has to end first.
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlamaException("The session " + session.id() + " is not parked: interrupted", e);
        }
    }

    void forget(Session session) {
        boolean deletes = folder != null;
        try {
            loop.call(placement -> {
                placement.forget(session);
                return session;
            });
        } catch (EngineClosedException e) {
            deletes = false; // the file may be another engine's by now
        }
        sessions.remove(session, deletes ? () -> delete(session) : () -> {});
    }

    private void delete(Session session) {
        try {
            Objects.requireNonNull(folder).delete(session.id());
        } catch (IOException e) {
            throw new LlamaException("The file of the session " + session.id() + " cannot be deleted: " + e, e);
        }
    }

    /** What the engine does and has done. */
    public EngineStats stats() {
        return stats.snapshot(sequences, cells, queue.size(), sessions.stats(), tuning);
    }

    /** The most tokens that a generation can have, prompt and answer together. */
    public int sequenceContextSize() {
        return room;
    }

    /** The model. */
    public LlamaModel model() {
        return model;
    }

    /**
     * Ends the engine, not the model: what waits and what runs fails with {@link EngineClosedException}, a step that is
     * being computed is broken off, the context is freed. Sessions that were not {@linkplain Session#save saved} are
     * lost. May be called twice, from any thread.
     */
    @Override
    public void close() {
        loop.close();
        // The context must be gone when this returns, and nobody may write to a folder that others can use.
        boolean interrupted = join(thread);
        if (disk != null) {
            interrupted |= join(disk);
        }
        if (folder != null) {
            folder.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }
}
