package io.github.panllama.guards;

/** C itself refused, without harm. */
final class CRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CRefusedException(String message) {
        super(message);
    }
}
