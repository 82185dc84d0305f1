package io.github.panllama.internal.worker;

import java.io.IOException;

/** What came from the other side is not what may come. The message names the field, its value and its bound. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * An exception without a cause.
     *
     * @param message names what is wrong, and where
     */
    public ProtocolException(String message) {
        super(message);
    }
}
