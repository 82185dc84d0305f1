package io.github.panllama.gguf;

import org.jspecify.annotations.Nullable;

/**
 * A GGUF file that cannot be trusted: malformed, truncated, of an unknown version, or lacking what was asked for. Loading
 * a model from such a file fails with this as the cause. This package stands alone, and so does its exception.
 */
public final class InvalidGgufException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Where the wrong field begins, or -1. */
    private final long byteOffset;

    /** What the fault belongs to. */
    private final @Nullable String key;

    /**
     * Makes an exception for a place in a file.
     *
     * @param message what is wrong, with the value and the bound
     * @param byteOffset where in the file the wrong field begins, in bytes, or -1 if the fault has no one place
     * @param key the metadata key or tensor name that the fault belongs to, or {@code null} if it is not known
     */
    public InvalidGgufException(String message, long byteOffset, @Nullable String key) {
        super(describe(message, byteOffset, key));
        this.byteOffset = byteOffset;
        this.key = key;
    }

    /**
     * Where in the file the wrong field begins.
     *
     * @return the offset in bytes, or -1 if the fault has no one place
     */
    public long byteOffset() {
        return byteOffset;
    }

    /**
     * The metadata key or tensor name that the fault belongs to.
     *
     * @return the name, or {@code null} if it is not known
     */
    public @Nullable String key() {
        return key;
    }

    private static String describe(String message, long byteOffset, @Nullable String key) {
        var text = new StringBuilder(message);
        if (key != null && !message.contains(key)) {
            text.append(" [").append(key).append(']');
        }
        if (byteOffset >= 0) {
            text.append(" at byte ").append(byteOffset);
        }
        return text.toString();
    }
}
