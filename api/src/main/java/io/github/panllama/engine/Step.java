package io.github.panllama.engine;

import io.github.panllama.Batch;
import io.github.panllama.BatchSampler;
import io.github.panllama.LlamaContext;
import io.github.panllama.Sampler;
import io.github.panllama.TokenLogprob;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What one step computes: a token of every sequence that goes on, what it guesses to come after that, and pieces of
 * prompts, as far as the budget allows.
 */
final class Step implements AutoCloseable {
    private final LlamaContext context;
    private final Batch batch;
    private final BatchSampler batchSampler;
    private final StepBudget budget;
    private final DraftSources drafts;
    /** The sequences whose next token is chosen after the step, and where their outputs are. */
    private final Slot[] asking;

    private final Sampler[] samplers;
    private final int[] rows;
    private final int[] tokens;
    private final @Nullable TokenLogprob[] logprobs;
    private int count;
    /** Of those, how many go on to the next row of the same step. */
    private int next;

    private long start;
    private long nanos;
    private int goingOn;
    private int promptTokens;

    Step(LlamaContext context, StepBudget budget, DraftSources drafts, int samplingThreads) {
        this.context = context;
        this.drafts = drafts;
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

    /**
     * Plans the step; answers whether there is anything to do.
     *
     * @param spareCells cells that may be taken for guesses
     */
    boolean plan(List<Slot> slots, List<Slot> prefilling, AdapterTurns turns, int spareCells) {
        start = System.nanoTime();
        batch.clear();
        count = 0;
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null && slot.goesOn() && turns.has(job) && count < batch.capacity()) {
                asking[count++] = slot;
            }
        }
        draft();
        planGoingOn(!prefilling.isEmpty(), spareCells);
        planPrompts(prefilling, turns);
        return !batch.isEmpty();
    }

    /** Lets those guess that do, all that have the same source together. */
    private void draft() {
        Map<DraftSource, List<Slot>> sources = Map.of();
        for (int i = 0; i < count; i++) {
            Job job = asking[i].job();
            Draft draft = job == null ? null : job.draft();
            if (job == null || draft == null) {
                continue;
            }
            draft.begin(job.mostDrafted(asking[i].length()));
            if (draft.limit() > 0) {
                sources = sources.isEmpty() ? new LinkedHashMap<>() : sources;
                sources.computeIfAbsent(draft.source(), _ -> new ArrayList<>()).add(asking[i]);
            }
        }
        sources.forEach(DraftSource::draft);
    }

    private void planGoingOn(boolean promptsWait, int spareCells) {
        int asked = count;
        count = 0;
        // Drafts must not keep prompts from being computed.
        int rows = (batch.capacity() - asked) / (promptsWait ? 2 : 1);
        int room = budget.draftTokens(asked, Math.min(rows, spareCells));
        for (int i = 0; i < asked; i++) {
            Slot slot = asking[i];
            Job job = slot.job();
            if (job == null) {
                continue;
            }
            ask(slot, job, plan(slot, job.lastToken()));
            Draft draft = job.draft();
            int drafted = draft == null ? 0 : draft.cut(room, job);
            for (int j = 0; j < drafted && draft != null; j++) {
                plan(slot, draft.token(j));
            }
            room -= drafted;
        }
        goingOn = batch.size();
    }

    /** Adds a token with an output to a sequence. */
    private int plan(Slot slot, int token) {
        int row = batch.add(token, slot.length() + slot.planned(), slot.sequence(), true);
        slot.plan(token);
        return row;
    }

    private void planPrompts(List<Slot> prefilling, AdapterTurns turns) {
        int room = batch.capacity() - batch.size();
        // Those that go on wait for half a step of prompts at most; where nobody does, a whole one costs least.
        int left = budget.promptTokens(goingOn, goingOn == 0 ? room : Math.min(room, batch.capacity() / 2));
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
    }

    private void ask(Slot slot, Job job, int row) {
        asking[count] = slot;
        samplers[count] = job.sampler();
        rows[count++] = row;
    }

    /** Computes it, and chooses the next tokens. */
    void compute(List<Slot> slots) {
        StepEvent event = new StepEvent();
        long begun = System.nanoTime();
        event.begin();
        context.decode(batch);
        PredictionDrafts prediction = drafts.prediction();
        if (prediction != null) {
            prediction.follow(batch, slots);
        }
        if (event.isEnabled()) {
            // What a GPU has not computed yet would count as sampling, which waits for it.
            context.synchronize();
        }
        long decoded = System.nanoTime();
        next = 0;
        sample();
        long sampled = System.nanoTime();
        nanos = sampled - start;
        budget.measured(goingOn, promptTokens, nanos);
        event.end();
        if (event.shouldCommit()) {
            event.sequences = count;
            event.promptTokens = promptTokens;
            event.decodeTime = decoded - begun;
            event.samplingTime = sampled - decoded;
            event.commit();
        }
    }

    private void sample() {
        if (count > 0) {
            batchSampler.sample(context, count, rows, samplers, tokens);
            computeLogprobs();
        }
    }

    /** The new token of a sequence was drafted and is computed: {@link #next} chooses the one after it. */
    void goOn(int i) {
        asking[next] = asking[i];
        samplers[next] = samplers[i];
        rows[next++] = rows[i] + 1;
    }

    /** Chooses one more token of each sequence that goes on; answers whether there is any. */
    boolean next() {
        count = next;
        next = 0;
        sample();
        return count > 0;
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

    /** What it took. */
    long nanos() {
        return nanos;
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
