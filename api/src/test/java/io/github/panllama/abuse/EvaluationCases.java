package io.github.panllama.abuse;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.EvaluationException;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.WindowOptions;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/** Models and texts that cannot be measured, and listeners and settings that misbehave. */
final class EvaluationCases {
    private EvaluationCases() {}

    static void register(AbuseCases cases) {
        cases.family("evaluation");
        texts(cases);
        questions(cases);
    }

    private static WindowOptions.Builder windows() {
        return WindowOptions.builder().windowSize(16).context(context -> context.threads(1));
    }

    private static TaskOptions.Builder tasks() {
        return TaskOptions.builder().context(context -> context.threads(1));
    }

    private static void measure(LlamaModel model, WindowOptions.Builder options) {
        Evaluation.perplexity(model, new int[64], options.build());
    }

    private static void texts(AbuseCases cases) {
        cases.rejects("a closed model", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            model.close();
            measure(model, windows());
        });
        cases.rejects("a vocabulary alone", IllegalStateException.class, f -> {
            try (LlamaModel model = LlamaModel.load(
                    f.file(), ModelOptions.builder().vocabularyOnly(true).build())) {
                measure(model, windows());
            }
        });
        cases.rejects(
                "an encoder", EvaluationException.class, f -> measure(f.model(Architecture.NOMIC_BERT), windows()));
        cases.rejects(
                "a token of no vocabulary",
                IndexOutOfBoundsException.class,
                f -> Evaluation.perplexity(
                        f.model(),
                        new int[] {1, -1, 2, 3, 4, 5, 6, 7},
                        windows().windowSize(4).build()));
        cases.rejects(
                "a stride as long as its window",
                IllegalArgumentException.class,
                f -> Evaluation.perplexity(
                        f.model(), new int[2048], windows().stride(512).build()));
        cases.rejects(
                "a listener that throws",
                UnsupportedOperationException.class,
                f -> measure(f.model(), windows().listener(progress -> {
                    throw new UnsupportedOperationException("listener");
                })));
        cases.rejects(
                "settings that throw",
                UnsupportedOperationException.class,
                f -> measure(f.model(), windows().context(context -> {
                    throw new UnsupportedOperationException("settings");
                })));
        cases.lives(
                "settings that set what the evaluation sets",
                f -> measure(
                        f.model(),
                        windows()
                                .context(context -> context.contextSize(1)
                                        .batchSize(1)
                                        .maxSequences(200)
                                        .threads(1))));
        cases.rejects(
                "settings that cannot be",
                IllegalArgumentException.class,
                f -> measure(f.model(), windows().context(context -> context.threads(0))));
        cases.rejects(
                "an encoder as the candidate",
                EvaluationException.class,
                f -> Evaluation.compare(
                        f.model(),
                        f.model(Architecture.NOMIC_BERT),
                        new int[64],
                        windows().build()));
    }

    private static void questions(AbuseCases cases) {
        Question question = Question.builder("text").answer("text").maxTokens(2).build();
        cases.rejects("no questions", EvaluationException.class, f -> Evaluation.tasks(f.model(), List.of()));
        cases.rejects("questions to a closed model", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            model.close();
            Evaluation.tasks(model, List.of(question), tasks().build());
        });
        cases.rejects(
                "questions to an encoder",
                IllegalStateException.class,
                f -> Evaluation.tasks(f.model(Architecture.NOMIC_BERT), List.of(question), tasks().build()));
        cases.rejects(
                "a prompt of a token that is not there",
                EvaluationException.class,
                f -> Evaluation.tasks(
                        f.model(),
                        List.of(Question.builder(new int[] {-1}).answer("x").build()),
                        tasks().build()));
        cases.lives(
                "more sequences than a context has",
                f -> Evaluation.tasks(
                        f.model(),
                        Collections.nCopies(300, question),
                        tasks().sequences(1 << 16).build()));
        cases.lives(
                "a batch of one token",
                f -> Evaluation.tasks(
                        f.model(),
                        List.of(question, question),
                        tasks().batchSize(1).build()));
        cases.rejects("a folder for a file of questions", IOException.class, f -> {
            Path folder = Files.createDirectory(f.newFile());
            QuestionFile.read(folder, f.model());
        });
    }
}
