package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.EvaluationListener;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.TextFile;
import io.github.panllama.evaluation.WindowOptions;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How well a model does: perplexity, distance from another model, questions answered right. */
@Command(
        name = "evaluate",
        header = "Measure how well a model does.",
        description = {
            "Of a text: its perplexity, in windows like those of upstream's llama-perplexity. With --reference also how"
                    + " far the model is from another one, such as from the one that it was quantised from.",
            "Of questions: how many it answers right, for each skill."
        },
        footer = {
            "Examples:",
            "  panllama evaluate",
            "        the bundled model, on the questions that come with it",
            "  panllama evaluate --model m-q4.gguf --text-file t.txt",
            "  panllama evaluate --model m-q4.gguf --reference m-f16.gguf --text-file t.txt --json",
            "  panllama evaluate --model m.gguf --questions q.jsonl",
            "",
            "A line of a questions file is a JSON object: \"prompt\" or \"messages\" (with \"tools\", \"thinking\"),",
            "  \"answer\" or \"pattern\", and if need be \"id\", \"skill\", \"answer_after\", \"max_tokens\".",
            "--json prints {\"model\", \"perplexity\" or \"comparison\", \"questions\"}."
        })
final class EvaluateCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file; of a model in several files, the first (default: the bundled model).")
    private @Nullable Path model;

    @Option(names = "--reference", paramLabel = "FILE", description = "A model to compare it with, over the text.")
    private @Nullable Path reference;

    @Option(
            names = "--text-file",
            paramLabel = "FILE",
            description = "A text in UTF-8; its last line break is left out.")
    private @Nullable Path textFile;

    @Option(
            names = "--questions",
            paramLabel = "FILE",
            description = "Questions, a JSON object a line (default, with the bundled model and no text: its own).")
    private @Nullable Path questions;

    @Option(names = "--window", paramLabel = "N", description = "Tokens of a window of the text (default: 512).")
    private @Nullable Integer window;

    @Option(
            names = "--stride",
            paramLabel = "N",
            defaultValue = "0",
            description = "Lets windows overlap, each beginning N tokens after the last one.")
    private int stride;

    @Option(
            names = "--chunks",
            paramLabel = "N",
            description = "Stop after N windows (default: at the end of the text).")
    private @Nullable Integer chunks;

    @Option(
            names = "--sequences",
            paramLabel = "N",
            defaultValue = "32",
            description = "Questions that are answered at the same time (default: ${DEFAULT-VALUE}).")
    private int sequences;

    @Mixin
    private final MachineFlags machine = new MachineFlags();

    @Option(names = "--json", description = "Print one JSON object, at the end.")
    private boolean json;

    EvaluateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        if (reference != null && textFile == null) {
            throw new UsageException("--reference is given without --text-file; the models are compared over a text");
        }
        if (textFile == null && questions == null && model != null) {
            throw new UsageException("there is nothing to evaluate: give --text-file, --questions or both");
        }
        UsageException.checking(() -> windowOptions(progress -> true));
        UsageException.checking(() -> taskOptions(progress -> true));
        String text = textFile == null ? null : TextFile.read(textFile);
        DefaultModel used = DefaultModel.of(model, terminal());
        if (textFile == null && questions == null) {
            questions = bundledQuestions(used);
        }
        try (Interruption interruption = Interruption.watch()) {
            EvaluationReport report = evaluate(used.file(), text, interruption);
            if (json) {
                out().println(Json.write(EvaluationJson.of(report)));
            } else {
                new EvaluationText(out()).print(report);
            }
            out().flush();
        } catch (CancellationException e) {
            terminal().err().println("cancelled");
        }
        return ExitCode.SUCCESS;
    }

    private static Path bundledQuestions(DefaultModel used) {
        if (used.isSynthetic()) {
            throw new UsageException("there is nothing to evaluate: give --text-file, --questions or both");
        }
        return TinyModel.questions();
    }

    private EvaluationReport evaluate(Path file, @Nullable String text, Interruption interruption) throws IOException {
        EvaluationReport report = new EvaluationReport(file, reference, textFile, questions);
        try (LlamaModel loaded = load(file, interruption)) {
            List<Question> asked = questions == null ? List.of() : QuestionFile.read(questions, loaded);
            if (text != null) {
                overText(report, loaded, text, interruption);
            }
            if (questions != null) {
                report.tasks = during(
                        "accuracy %.4f",
                        interruption, listener -> Evaluation.tasks(loaded, asked, taskOptions(listener)));
            }
        }
        return report;
    }

    private void overText(EvaluationReport report, LlamaModel loaded, String text, Interruption interruption) {
        if (reference == null) {
            report.perplexity = during(
                    "perplexity %.4f",
                    interruption, listener -> Evaluation.perplexity(loaded, text, windowOptions(listener)));
            return;
        }
        try (LlamaModel other = load(reference, interruption)) {
            report.comparison = during(
                    "KL divergence %.5f",
                    interruption, listener -> Evaluation.compare(other, loaded, text, windowOptions(listener)));
        }
    }

    private LlamaModel load(Path file, Interruption interruption) {
        return Models.load(file, machine.modelOptions(), terminal(), interruption);
    }

    /** Work that shows its progress. */
    private interface Work<T> {
        T with(EvaluationListener listener);
    }

    private <T> T during(String figure, Interruption interruption, Work<T> work) {
        try (EvaluationBar bar = new EvaluationBar(terminal(), figure)) {
            return UsageException.checking(() -> work.with(progress -> {
                bar.show(progress);
                return !interruption.isRequested();
            }));
        }
    }

    private WindowOptions windowOptions(EvaluationListener listener) {
        WindowOptions.Builder options =
                WindowOptions.builder().stride(stride).context(machine::apply).listener(listener);
        if (window != null) {
            options.windowSize(window);
        }
        if (chunks != null) {
            options.maxChunks(chunks);
        }
        return options.build();
    }

    private TaskOptions taskOptions(EvaluationListener listener) {
        return TaskOptions.builder()
                .sequences(sequences)
                .context(machine::apply)
                .listener(listener)
                .build();
    }
}
