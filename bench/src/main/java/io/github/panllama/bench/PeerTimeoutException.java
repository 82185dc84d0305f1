package io.github.panllama.bench;

import java.time.Duration;

/** A program took longer than it may, and was ended. */
public final class PeerTimeoutException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param program its name
     * @param limit how long it was let
     */
    PeerTimeoutException(String program, Duration limit) {
        super("%s told no speed within %.1f s and was ended".formatted(program, limit.toMillis() / 1e3));
    }
}
