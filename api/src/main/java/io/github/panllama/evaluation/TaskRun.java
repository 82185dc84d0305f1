package io.github.panllama.evaluation;

import io.github.panllama.Batch;
import io.github.panllama.BatchSampler;
import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Puts questions to a model, several at the same time: one joins as soon as another is done. */
final class TaskRun {
    private final List<Question> questions;
    private final int[][] prompts;
    private final LlamaContext context;
    private final Tokenizer tokenizer;
    private final Progress progress;
    private final List<TaskSequence> sequences = new ArrayList<>();
    private final TaskResult[] results;
    private int started;
    private int done;
    private int right;

    /** What is sampled after a batch. */
    private final TaskSequence[] asking;

    private final int[] rows;
    private final int[] tokens;
    private final Sampler[] samplers;

    TaskRun(List<Question> questions, int[][] prompts, LlamaContext context, Progress progress) {
        this.questions = questions;
        this.prompts = prompts;
        this.context = context;
        this.tokenizer = context.model().tokenizer();
        this.progress = progress;
        this.results = new TaskResult[prompts.length];
        int most = context.maxSequences();
        this.asking = new TaskSequence[most];
        this.rows = new int[most];
        this.tokens = new int[most];
        this.samplers = new Sampler[most];
    }

    List<TaskResult> run(TaskOptions options) {
        LlamaModel model = context.model();
        int count = Math.min(context.maxSequences(), prompts.length);
        try (Batch batch = context.newBatch();
                BatchSampler sampler = BatchSampler.create(count, 1)) {
            for (int i = 0; i < count; i++) {
                sequences.add(new TaskSequence(i, Sampler.of(model, options.sampling)));
            }
            progress.tell(0, Double.NaN);
            while (done < prompts.length) {
                step(batch, sampler);
                progress.tell(done, done == 0 ? Double.NaN : (double) right / done);
            }
        } finally {
            sequences.forEach(sequence -> sequence.sampler().close());
        }
        return List.of(results);
    }

    private void step(Batch batch, BatchSampler sampler) {
        batch.clear();
        int count = fill(batch);
        context.decode(batch);
        progress.computed(batch.size());
        if (count == 0) {
            return;
        }
        if (sampler.sample(context, count, rows, samplers, tokens) > 0) {
            throw failure(sampler, count);
        }
        for (int i = 0; i < count; i++) {
            take(asking[i], tokens[i]);
        }
    }

    /** Adds the next token of every sequence that speaks, then prompts as far as there is room; answers how many ask. */
    private int fill(Batch batch) {
        int count = 0;
        for (TaskSequence sequence : sequences) {
            if (sequence.isSpeaking()) {
                count = ask(sequence, sequence.addToken(batch), count);
            }
        }
        for (TaskSequence sequence : sequences) {
            if (sequence.isFree() && started < prompts.length) {
                sequence.start(started, prompts[started]);
                started++;
            }
            if (sequence.isListening() && sequence.addPrompt(batch)) {
                count = ask(sequence, batch.size() - 1, count);
            }
        }
        return count;
    }

    private int ask(TaskSequence sequence, int row, int count) {
        asking[count] = sequence;
        samplers[count] = sequence.sampler();
        rows[count] = row;
        return count + 1;
    }

    private void take(TaskSequence sequence, int token) {
        if (tokenizer.isEndOfGeneration(token)) {
            finish(sequence, FinishReason.STOP);
            return;
        }
        sequence.take(token);
        if (sequence.said() == questions.get(sequence.question()).maxTokens()) {
            finish(sequence, FinishReason.LENGTH);
        }
    }

    private void finish(TaskSequence sequence, FinishReason reason) {
        int index = sequence.question();
        int[] said = sequence.finish();
        context.memory().remove(sequence.id());
        TaskResult result = TaskResult.of(
                questions.get(index), tokenizer.decode(said, true), reason, prompts[index].length, said.length);
        results[index] = result;
        done++;
        right += result.right() ? 1 : 0;
    }

    private EvaluationException failure(BatchSampler sampler, int count) {
        for (int i = 0; i < count; i++) {
            if (tokens[i] == BatchSampler.NO_TOKEN) {
                return new EvaluationException("%s: no token can be sampled: %s"
                        .formatted(questions.get(asking[i].question()), sampler.error(i)));
            }
        }
        throw new AssertionError("a row failed and none is marked");
    }
}
