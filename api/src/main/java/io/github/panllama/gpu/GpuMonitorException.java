package io.github.panllama.gpu;

import io.github.panllama.LlamaException;

/** There is no card to watch, or its driver does not answer. The message says what is missing, and the way out. */
public final class GpuMonitorException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why there is none. */
    public enum Reason {
        /** NVIDIA's management library was not found, or is not one. */
        NO_LIBRARY,
        /** The library is there and the driver of the kernel is not loaded. */
        NO_DRIVER,
        /** The library is of another version than the driver of the kernel, as after an update without a restart. */
        VERSION_MISMATCH,
        /** The user, or the container, may not open the cards. */
        NO_PERMISSION,
        /** The driver works and has no card, or shows none to this process. */
        NO_CARD,
        /** The driver failed in another way. */
        FAILED
    }

    GpuMonitorException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    GpuMonitorException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why there is none. */
    public Reason reason() {
        return reason;
    }
}
