package io.github.panllama.junit;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.PerplexityResult;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.TextFile;
import io.github.panllama.evaluation.WindowOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** Measures what the bounds of a gate need, and refuses a gate that lacks it. */
final class QualityMeasurement {
    private final QualityGate gate;
    private final boolean compares;
    private final boolean asks;

    private QualityMeasurement(QualityGate gate) {
        this.gate = gate;
        this.compares = isSet(gate.minTop1()) || isSet(gate.maxKl()) || isSet(gate.maxPerplexityRatio());
        this.asks = isSet(gate.minAccuracy()) || isSet(gate.minSkillAccuracy());
    }

    static QualityMeasurement of(QualityGate gate) {
        QualityMeasurement measurement = new QualityMeasurement(gate);
        boolean reads = isSet(gate.maxPerplexity());
        if (!measurement.compares && !measurement.asks && !reads) {
            throw new ExtensionConfigurationException("@QualityGate of " + gate.model()
                    + " has no bound: set one of minTop1, maxKl, maxPerplexityRatio, maxPerplexity, minAccuracy,"
                    + " minSkillAccuracy");
        }
        if (measurement.compares) {
            need(gate, gate.reference(), "reference", "minTop1, maxKl and maxPerplexityRatio");
        }
        if (measurement.compares || reads) {
            need(gate, gate.text(), "text", "minTop1, maxKl, maxPerplexityRatio and maxPerplexity");
        }
        if (measurement.asks) {
            need(gate, gate.questions(), "questions", "minAccuracy and minSkillAccuracy");
        }
        return measurement;
    }

    private static boolean isSet(double bound) {
        return !Double.isInfinite(bound);
    }

    private static void need(QualityGate gate, String value, String name, String bounds) {
        if (value.isEmpty()) {
            throw new ExtensionConfigurationException(
                    "@QualityGate of %s has no %s, which %s need".formatted(gate.model(), name, bounds));
        }
    }

    QualityReport run() {
        try (LlamaModel model = LlamaModel.load(Path.of(gate.model()))) {
            Optional<ComparisonResult> comparison = compares ? Optional.of(compare(model)) : Optional.empty();
            Optional<PerplexityResult> perplexity = comparison
                    .map(ComparisonResult::candidate)
                    .or(() -> isSet(gate.maxPerplexity())
                            ? Optional.of(Evaluation.perplexity(model, text(), windows()))
                            : Optional.empty());
            Optional<TaskReport> tasks = asks ? Optional.of(ask(model)) : Optional.empty();
            return new QualityReport(perplexity, comparison, tasks);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ComparisonResult compare(LlamaModel model) {
        try (LlamaModel reference = LlamaModel.load(Path.of(gate.reference()))) {
            return Evaluation.compare(reference, model, text(), windows());
        }
    }

    private TaskReport ask(LlamaModel model) throws IOException {
        return Evaluation.tasks(
                model,
                QuestionFile.read(Path.of(gate.questions()), model),
                TaskOptions.builder().context(this::machine).build());
    }

    private String text() {
        try {
            return TextFile.read(Path.of(gate.text()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the text " + gate.text() + ": " + e, e);
        }
    }

    private WindowOptions windows() {
        WindowOptions.Builder options = WindowOptions.builder().context(this::machine);
        if (gate.windowSize() > 0) {
            options.windowSize(gate.windowSize());
        }
        if (gate.maxChunks() > 0) {
            options.maxChunks(gate.maxChunks());
        }
        return options.build();
    }

    private void machine(ContextOptions.Builder options) {
        if (gate.threads() > 0) {
            options.threads(gate.threads());
        }
    }
}
