package io.github.panllama.evaluation;

import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/**
 * Measures how well a model does.
 *
 * {@snippet :
 * try (LlamaModel model = LlamaModel.load(Path.of("model.gguf"))) {
 *     PerplexityResult result = Evaluation.perplexity(model, Files.readString(Path.of("text.txt")));
 *     System.out.println(result.perplexity() + " ± " + result.standardError());
 * }
 * }
 *
 * <p><b>Threads.</b> May be called from any number of threads; each call makes contexts of its own. What is given to it
 * must stay open meanwhile.
 */
public final class Evaluation {
    private Evaluation() {}

    /** Measures the perplexity of a text with the default options. */
    public static PerplexityResult perplexity(LlamaModel model, String text) {
        return perplexity(model, text, WindowOptions.defaults());
    }

    /**
     * Measures how well a model predicts a text, as upstream's {@code llama-perplexity} does.
     *
     * @param text plain text: special tokens that are written out in it do not count as such
     * @throws EvaluationException if the text is shorter than two windows, or the model cannot be measured so
     * @throws CancellationException if the listener cancelled it
     */
    public static PerplexityResult perplexity(LlamaModel model, String text, WindowOptions options) {
        return perplexity(model, encode(model, text), options);
    }

    /**
     * Measures how well a model predicts tokens, taken as they are but for the first one of each window, in the place
     * of which goes the begin-of-text token where the model wants one.
     *
     * @throws EvaluationException if there are fewer tokens than in two windows, or the model cannot be measured so
     * @throws IndexOutOfBoundsException if a token is not in the vocabulary
     * @throws CancellationException if the listener cancelled it
     */
    public static PerplexityResult perplexity(LlamaModel model, int[] tokens, WindowOptions options) {
        int[] text = tokens.clone();
        int window = windowSize(options, model);
        Windows.checkLength(text, window);
        try (WindowContext context = WindowContext.of(model, window, options, options.context)) {
            Windows windows = windows(text, window, context, options, model.tokenizer());
            Progress progress = new Progress(options.listener, windows.count());
            PerplexityScorer scorer = new PerplexityScorer(windows.counted());
            new WindowPass(windows, List.of(context), model.vocabularySize(), scorer, progress).run();
            return PerplexityResult.of(scorer.losses(), windows, progress.tokens(), progress.duration());
        }
    }

    /** Compares a candidate with its reference over a text, with the default options. */
    public static ComparisonResult compare(LlamaModel reference, LlamaModel candidate, String text) {
        return compare(reference, candidate, text, WindowOptions.defaults());
    }

    /**
     * Measures how far a candidate, such as a quantised model, is from its reference. Both run over the same windows at
     * the same time; only the logits of a batch are held.
     *
     * @param text plain text: special tokens that are written out in it do not count as such
     * @throws EvaluationException if the models do not share a vocabulary, the text is shorter than two windows, or a
     *     model cannot be measured so
     * @throws CancellationException if the listener cancelled it
     */
    public static ComparisonResult compare(
            LlamaModel reference, LlamaModel candidate, String text, WindowOptions options) {
        Objects.requireNonNull(candidate, "candidate");
        return compare(reference, candidate, encode(reference, text), options);
    }

    /**
     * Measures how far a candidate is from its reference, over tokens that are taken as {@link #perplexity(LlamaModel,
     * int[], WindowOptions)} takes them.
     *
     * @throws EvaluationException if the models do not share a vocabulary, there are fewer tokens than in two windows,
     *     or a model cannot be measured so
     * @throws IndexOutOfBoundsException if a token is not in the vocabulary
     * @throws CancellationException if the listener cancelled it
     */
    public static ComparisonResult compare(
            LlamaModel reference, LlamaModel candidate, int[] tokens, WindowOptions options) {
        int[] text = tokens.clone();
        Vocabularies.checkSame(reference, candidate);
        int window = windowSize(options, reference, candidate);
        Windows.checkLength(text, window);
        try (WindowContext first = WindowContext.of(reference, window, options, options.context);
                WindowContext second = WindowContext.of(candidate, window, options, options.candidateContext)) {
            Windows windows = windows(text, window, first, options, reference.tokenizer());
            Progress progress = new Progress(options.listener, windows.count());
            ComparisonScorer scorer = new ComparisonScorer(windows.counted());
            new WindowPass(windows, List.of(first, second), reference.vocabularySize(), scorer, progress).run();
            return scorer.result(windows, progress);
        }
    }

    /** Puts questions to a model with the default options. */
    public static TaskReport tasks(LlamaModel model, List<Question> questions) {
        return tasks(model, questions, TaskOptions.defaults());
    }

    /**
     * Puts questions to a model and tells which it answers right. Many are answered at the same time, each in a sequence
     * of its own, so that they do not see one another.
     *
     * @throws EvaluationException if there are no questions, one has an empty prompt, or no token can be chosen
     * @throws CancellationException if the listener cancelled it
     */
    public static TaskReport tasks(LlamaModel model, List<Question> questions, TaskOptions options) {
        List<Question> asked = List.copyOf(questions);
        int[][] prompts = TaskPrompts.encode(model, asked);
        try (LlamaContext context = model.newContext(TaskPrompts.context(asked, prompts, options))) {
            Progress progress = new Progress(options.listener, prompts.length);
            List<TaskResult> results = new TaskRun(asked, prompts, context, progress).run(options);
            return new TaskReport(results, progress.duration());
        }
    }

    private static int[] encode(LlamaModel model, String text) {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty()) {
            throw new EvaluationException("The text is empty");
        }
        return model.tokenizer().encode(text, true, false);
    }

    private static int windowSize(WindowOptions options, LlamaModel... models) {
        if (options.windowSize != null) {
            return options.windowSize;
        }
        int size = WindowOptions.DEFAULT_WINDOW_SIZE;
        for (LlamaModel model : models) {
            size = Math.min(size, model.trainingContextSize());
        }
        return size;
    }

    private static Windows windows(
            int[] text, int window, WindowContext context, WindowOptions options, Tokenizer tokenizer) {
        if (options.stride > 0) {
            return Windows.overlapping(text, context.contextSize(), options.stride, options.maxChunks, options.counted)
                    .checkCounted();
        }
        int begin = tokenizer.addsBeginOfText() ? tokenizer.beginOfText().orElse(Windows.NONE) : Windows.NONE;
        return Windows.sideBySide(text, window, options.maxChunks, begin, options.counted)
                .checkCounted();
    }
}
