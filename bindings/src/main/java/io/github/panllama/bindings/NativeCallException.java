package io.github.panllama.bindings;

/** A native call threw or was refused. The message is llama.cpp's own ({@code panllama_last_error}). */
public class NativeCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An exception with the native message.
     *
     * @param message what the native side says
     */
    public NativeCallException(String message) {
        super(message);
    }
}
