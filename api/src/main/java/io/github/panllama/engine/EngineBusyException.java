package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import java.time.Duration;

/** The queue of an engine is full. Nothing was submitted; {@link #retryAfter()} says when to try again. */
public class EngineBusyException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    EngineBusyException(int waiting, Duration retryAfter) {
        super("The engine is busy: %d requests wait, as many as queueCapacity allows. Try again in %d ms"
                .formatted(waiting, retryAfter.toMillis()));
        this.retryAfter = retryAfter;
    }

    private EngineBusyException(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /** One that was thrown in another process. */
    static EngineBusyException relayed(String message, Duration retryAfter) {
        return new EngineBusyException(message, retryAfter);
    }

    /** About how long it takes until a place in the queue is free, as requests have ended of late. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
