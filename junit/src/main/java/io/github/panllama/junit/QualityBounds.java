package io.github.panllama.junit;

import io.github.panllama.evaluation.TaskResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AssertionFailureBuilder;

/** Holds a report to the bounds of its gate, all of them, and tells every one that is not kept. */
final class QualityBounds {
    private static final int WRONG_SHOWN = 5;

    private final List<String> broken = new ArrayList<>();

    private QualityBounds() {}

    /** Fails the test where a bound is not kept. */
    static void check(QualityGate gate, QualityReport report) {
        QualityBounds bounds = new QualityBounds();
        report.comparison().ifPresent(result -> {
            bounds.least("top-1 agreement", result.topAgreement(), "minTop1", gate.minTop1());
            bounds.most("mean KL divergence", result.klDivergence().mean(), "maxKl", gate.maxKl());
            bounds.most("perplexity ratio", result.perplexityRatio(), "maxPerplexityRatio", gate.maxPerplexityRatio());
        });
        report.perplexity()
                .ifPresent(result ->
                        bounds.most("perplexity", result.perplexity(), "maxPerplexity", gate.maxPerplexity()));
        report.tasks().ifPresent(tasks -> {
            bounds.least("accuracy", tasks.accuracy(), "minAccuracy", gate.minAccuracy());
            tasks.skills()
                    .forEach((skill, score) -> bounds.least(
                            "accuracy of " + skill, score.accuracy(), "minSkillAccuracy", gate.minSkillAccuracy()));
        });
        if (!bounds.broken.isEmpty()) {
            String wrong = report.tasks().map(tasks -> shown(tasks.wrong())).orElse("");
            AssertionFailureBuilder.assertionFailure()
                    .message("%s does not pass its quality gate:%n%s%s"
                            .formatted(gate.model(), String.join("\n", bounds.broken), wrong))
                    .buildAndThrow();
        }
    }

    private static String shown(List<TaskResult> wrong) {
        return wrong.stream()
                .limit(WRONG_SHOWN)
                .map(result -> "\n  wrong: %s: %s"
                        .formatted(result.question().id(), result.text().strip()))
                .collect(Collectors.joining());
    }

    private void least(String what, double measured, String name, double bound) {
        // Written so that NaN is not enough.
        if (!(measured >= bound)) {
            add(what, measured, "<", name, bound);
        }
    }

    private void most(String what, double measured, String name, double bound) {
        if (!(measured <= bound)) {
            add(what, measured, ">", name, bound);
        }
    }

    private void add(String what, double measured, String sign, String name, double bound) {
        broken.add(String.format(Locale.ROOT, "  %s %.6f %s %s (%s)", what, measured, sign, bound, name));
    }
}
