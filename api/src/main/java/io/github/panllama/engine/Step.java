package io.github.panllama.engine;

import io.github.panllama.Batch;
import io.github.panllama.BatchSampler;
import io.github.panllama.LlamaContext;
import io.github.panllama.Sampler;
import io.github.panllama.TokenLogprob;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What one step computes: a token of every sequence that goes on, and pieces of prompts as far as the budget allows.
 */
final class Step implements AutoCloseable {
    private final LlamaContext context;
    private final Batch batch;
    private final BatchSampler batchSampler;
    private final StepBudget budget;
    /** The sequences whose next token is chosen after the step, and where their outputs are. */
    private final Slot[] asking;

    private final Sampler[] samplers;
    private final int[] rows;
    private final int[] tokens;
    private final @Nullable TokenLogprob[] logprobs;
    private int count;
    private int goingOn;
    private int promptTokens;

    Step(LlamaContext context, StepBudget budget, int samplingThreads) {
        this.context = context;
        this.budget = budget;
        int most = context.maxSequences();
        // Before the batch: this refuses a wrong number of threads.
        batchSampler = BatchSampler.create(most, samplingThreads);
        batch = context.newBatch();
        asking = new Slot[most];
        samplers = new Sampler[most];
        rows = new int[most];
        tokens = new int[most];
        logprobs = new @Nullable TokenLogprob[most];
    }

    /** Plans the step; answers whether there is anything to do. */
    boolean plan(List<Slot> slots, List<Slot> prefilling, AdapterTurns turns) {
        batch.clear();
        count = 0;
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null
                    && turns.has(job)
                    && !slot.isPrefilling()
                    && batch.size() < batch.capacity()
                    && !job.generation().isPaused()) {
                int row = batch.add(job.lastToken(), slot.length(), slot.sequence(), true);
                slot.plan(job.lastToken());
                ask(slot, job, row);
            }
        }
        goingOn = count;
        int left = budget.promptTokens(goingOn, batch.capacity() - batch.size());
        promptTokens = 0;
        for (Slot slot : prefilling) {
            Job job = slot.job();
            if (job == null || left == 0 || !turns.has(job)) {
                continue;
            }
            int[] prompt = job.prompt();
            int end = Math.min(prompt.length, slot.length() + left);
            batch.addAll(prompt, slot.length(), end, slot.length(), slot.sequence(), end == prompt.length);
            int taken = end - slot.length();
            for (int i = slot.length(); i < end; i++) {
                slot.plan(prompt[i]);
            }
            left -= taken;
            promptTokens += taken;
            if (end == prompt.length) {
                ask(slot, job, batch.size() - 1);
            }
        }
        return !batch.isEmpty();
    }

    private void ask(Slot slot, Job job, int row) {
        asking[count] = slot;
        samplers[count] = job.sampler();
        rows[count++] = row;
    }

    /** Computes it, and chooses the next tokens. */
    void compute() {
        long start = System.nanoTime();
        StepEvent event = new StepEvent();
        event.begin();
        context.decode(batch);
        if (count > 0) {
            batchSampler.sample(context, count, rows, samplers, tokens);
            computeLogprobs();
        }
        budget.measured(goingOn, promptTokens, System.nanoTime() - start);
        event.end();
        if (event.shouldCommit()) {
            event.sequences = count;
            event.promptTokens = promptTokens;
            event.commit();
        }
    }

    private void computeLogprobs() {
        for (int i = 0; i < count; i++) {
            Job job = asking[i].job();
            logprobs[i] = job == null || tokens[i] == BatchSampler.NO_TOKEN ? null : logprob(job.request().logprobs, i);
        }
    }

    private @Nullable TokenLogprob logprob(OptionalInt alternatives, int i) {
        return alternatives.isEmpty() ? null : context.logits(rows[i]).logprob(tokens[i], alternatives.getAsInt());
    }

    /** How many sequences have a new token. */
    int count() {
        return count;
    }

    Slot slot(int i) {
        return asking[i];
    }

    /** The new token, or {@link BatchSampler#NO_TOKEN}. */
    int token(int i) {
        return tokens[i];
    }

    /** How likely the new token was; null unless its request asks for that. */
    @Nullable
    TokenLogprob logprob(int i) {
        return logprobs[i];
    }

    /** How many of the new tokens were chosen on the device. */
    int onDevice() {
        return count == 0 ? 0 : batchSampler.onDevice();
    }

    String error(int i) {
        return batchSampler.error(i);
    }

    @Override
    public void close() {
        try {
            batchSampler.close();
        } finally {
            batch.close();
        }
    }
}
