package io.github.panllama;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model or context that does not fit in the memory that is free. Nothing was loaded. The message shows what would have
 * been taken of what, and what to lower.
 */
public class InsufficientMemoryException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable MemoryPlan plan;

    /** An exception with a message, and what was planned. */
    public InsufficientMemoryException(String message, @Nullable MemoryPlan plan) {
        super(message);
        this.plan = plan;
    }

    /**
     * What would have been taken; empty where a device has no buffer for one of its tensors, so that nothing was planned, and in
     * an exception that came out of a stream of bytes.
     */
    public Optional<MemoryPlan> plan() {
        return Optional.ofNullable(plan);
    }
}
