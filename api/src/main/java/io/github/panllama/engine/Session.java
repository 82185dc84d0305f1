package io.github.panllama.engine;

import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A conversation that goes on: each {@linkplain #generate generation} continues where the last one ended, and computes
 * its new tokens alone. An engine can have many more sessions than sequences: those that nobody uses at the moment are
 * parked in host memory ({@link EngineOptions.Builder#sessionMemory}) and then on the disk
 * ({@link EngineOptions.Builder#sessionFolder}), and come back as they were.
 *
 * {@snippet :
 * try (Session session = engine.openSession()) {
 *     System.out.println(session.generate(CompletionRequest.of("Once upon a time")).await().text());
 *     System.out.println(session.generate(CompletionRequest.of(" And then")).await().text());
 * }
 * }
 *
 * <p>The tokens of the conversation are always kept; what the context has computed of them is a copy that can be lost, as
 * when there is no folder and the memory is full. It is then computed again, which takes longer and changes nothing else.
 *
 * <p><b>Threads.</b> Any; one generation at a time.
 */
public final class Session implements AutoCloseable {
    private final SessionHost engine;
    private final String id;
    /** Replaced when it changes, never written to. */
    private volatile int[] tokens = new int[0];

    private boolean busy;
    private boolean closed;
    private @Nullable Generation running;

    /** The replica that has it in a sequence, which it holds until that one lets it go. */
    volatile @Nullable SessionHome home;

    /** The {@link SessionStore}'s, behind its lock. */
    @Nullable
    Parked parked;

    Session(SessionHost engine, String id) {
        this.engine = engine;
        this.id = id;
    }

    static String newId() {
        return UUID.randomUUID().toString();
    }

    /** Names it in the engine, and on the disk. */
    public String id() {
        return id;
    }

    /**
     * Goes on: the request's prompt follows what is there, and what is generated follows that.
     *
     * @param request its prompt gets the tokens that the model wants at a start only where the session is empty; it may
     *     be empty where the session is not
     * @throws IllegalStateException if the session is closed, or its last generation has not ended
     * @throws IllegalArgumentException if the conversation and the prompt do not fit the context, and as for
     *     {@link LlamaEngine#generate(CompletionRequest)}
     * @throws EngineBusyException if as many wait as may
     * @throws EngineClosedException if the engine is closed
     */
    public Generation generate(CompletionRequest request) {
        return generate(request, engine::generate);
    }

    /** How a request becomes a generation. */
    @FunctionalInterface
    interface Submission {
        Generation submit(CompletionRequest request, Session session, int[] conversation);
    }

    /** As {@link #generate(CompletionRequest)}, by another way to the engine. */
    synchronized Generation generate(CompletionRequest request, Submission submission) {
        Objects.requireNonNull(request, "request");
        use();
        try {
            running = submission.submit(request, this, tokens);
            return running;
        } catch (RuntimeException | Error e) {
            busy = false;
            throw e;
        }
    }

    private void use() {
        if (closed) {
            throw new IllegalStateException("The session " + id + " is closed");
        }
        if (busy) {
            throw new IllegalStateException("The session " + id + " has a generation that has not ended");
        }
        busy = true;
    }

    /** Its generation has ended, and this is the conversation now. From the engine. */
    synchronized void ended(int[] conversation) {
        tokens = conversation;
        free();
    }

    /** It can be used again; the conversation is what it was. */
    synchronized void free() {
        busy = false;
        running = null;
        notifyAll();
    }

    /** The conversation itself. */
    int[] conversation() {
        return tokens;
    }

    /** It begins with a conversation. */
    synchronized void begin(int[] conversation) {
        tokens = conversation;
    }

    /**
     * The conversation: prompts and what was generated, also what a stop text has cut from the result.
     * {@link ContextFullPolicy#SHIFT} takes from its middle.
     */
    public int[] tokens() {
        return tokens.clone();
    }

    /** How many tokens the conversation has. */
    public int length() {
        return tokens.length;
    }

    /**
     * Forgets the end of the conversation, as before another answer.
     *
     * @param length tokens that stay
     * @throws IllegalStateException if the session is closed, or its last generation has not ended
     */
    public synchronized void rewind(int length) {
        use();
        busy = false;
        if (length < 0 || length > tokens.length) {
            throw new IllegalArgumentException(
                    "length is %d, must be in [0, %d], what the session has".formatted(length, tokens.length));
        }
        tokens = Arrays.copyOf(tokens, length);
    }

    /** Another session that goes on from here, under an id that nobody has. */
    public Session fork() {
        return fork(newId());
    }

    /**
     * Another session that goes on from here.
     *
     * @param newId its id: 1 to 128 letters, digits, {@code _} or {@code -}
     * @throws IllegalStateException if the session is closed, its last generation has not ended, or a session of that id
     *     is open or saved
     * @throws EngineClosedException if the engine is closed
     */
    public Session fork(String newId) {
        return whileIdle(() -> engine.fork(this, newId));
    }

    /**
     * Writes the session to the engine's session folder and waits for it, so that {@link LlamaEngine#openSession(String)}
     * finds it after the end of the engine or of the process. What follows needs another save.
     *
     * @throws IllegalStateException if the engine has no session folder, the session is closed, or its last generation
     *     has not ended
     * @throws io.github.panllama.LlamaException if it cannot be written, or the thread is interrupted
     * @throws EngineClosedException if the engine is closed
     */
    public void save() {
        whileIdle(() -> {
            engine.save(this);
            return this;
        });
    }

    private Session whileIdle(Supplier<Session> work) {
        synchronized (this) {
            use();
        }
        try {
            return work.get();
        } finally {
            free();
        }
    }

    /**
     * Ends the conversation: cancels a generation of it, and forgets all of it, its file too; waits for a step, and for a
     * save or fork that is going on. May be called twice. A session that is to be found again is left open when the
     * engine is closed; after that this changes nothing on the disk.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            if (running != null) {
                running.cancel();
            }
            awaitWork();
        }
        engine.forget(this);
    }

    private void awaitWork() {
        boolean interrupted = false;
        while (busy && running == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // the file must be gone when this returns
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
