package io.github.panllama.cli;

/** Whoever read standard output has gone, as {@code head} does: there is nothing left to do, and nothing to say. */
final class OutputClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputClosedException(Throwable cause) {
        super(cause);
    }
}
