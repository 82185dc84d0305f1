package io.github.panllama;

import io.github.panllama.bindings.QuantizeUpcall;
import org.jspecify.annotations.Nullable;

/** Tells a listener how far the work is, each time that C begins a tensor. */
final class QuantizationProgress implements QuantizeUpcall.Listener {
    private final QuantizationPlan plan;
    private final @Nullable ProgressListener listener;
    private final long total;
    private long read;
    private int begun;
    private boolean cancelled;

    QuantizationProgress(QuantizationPlan plan, @Nullable ProgressListener listener) {
        this.plan = plan;
        this.listener = listener;
        this.total = Math.max(
                1,
                plan.tensors().stream().mapToLong(QuantizedTensor::bytesBefore).sum());
    }

    @Override
    public boolean onMessage(String message) {
        if (listener == null || !QuantizationLog.beginsTensor(message)) {
            return !cancelled;
        }
        if (begun > 0 && begun <= plan.tensors().size()) {
            read += plan.tensors().get(begun - 1).bytesBefore();
        }
        begun++;
        cancelled |= !listener.onProgress((float) ((double) read / total));
        return !cancelled;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** All is written; what the listener answers has no effect any more. */
    void finish() {
        if (listener != null) {
            boolean _ = listener.onProgress(1);
        }
    }
}
