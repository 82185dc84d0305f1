package io.github.panllama.engine;

import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which sequences have their tokens chosen on the device: those whose job's whole chain of stages it can run. */
final class DeviceSequences {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private final LlamaContext context;
    private final boolean on;
    /** The job of each sequence that was decided about last. */
    private final @Nullable Job[] decided;

    DeviceSequences(LlamaContext context, DeviceSampling sampling) {
        this.context = context;
        on = sampling == DeviceSampling.ON
                || (sampling == DeviceSampling.AUTO && context.model().isOffloaded());
        decided = new @Nullable Job[context.maxSequences()];
    }

    /** Decides about the jobs that have begun. */
    void update(List<Slot> slots) {
        if (!on) {
            return;
        }
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != decided[slot.sequence()]) {
                decided[slot.sequence()] = job;
                if (job != null) {
                    decide(slot.sequence(), job);
                }
            }
        }
    }

    private void decide(int sequence, Job job) {
        // Logprobs are of the logits, which stay on the device; guesses have several rows, chosen one after another.
        boolean host = job.request().logprobs.isPresent() || job.draft() != null;
        try {
            context.setDeviceSampler(sequence, host ? null : job.sampler());
        } catch (LlamaException e) {
            LOG.log(System.Logger.Level.WARNING, "A request is sampled on the host, because the device failed", e);
        }
    }
}
