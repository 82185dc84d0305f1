package io.github.panllama.cli;

import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.Distribution;
import io.github.panllama.evaluation.PerplexityResult;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.TaskResult;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** An evaluation's report for people. */
final class EvaluationText {
    private static final int WRONG_SHOWN = 10;
    private static final int TEXT_SHOWN = 80;

    private final Output out;

    EvaluationText(Output out) {
        this.out = out;
    }

    void print(EvaluationReport report) {
        if (report.perplexity != null) {
            head(report, report.perplexity);
            perplexity("perplexity", report.perplexity);
        }
        if (report.comparison != null) {
            head(report, report.comparison.candidate());
            comparison(report.comparison);
        }
        if (report.tasks != null) {
            tasks(report, report.tasks);
        }
    }

    private void head(EvaluationReport report, PerplexityResult result) {
        line(String.format(
                Locale.ROOT,
                "%s on %s: %d windows of %d tokens, %d tokens counted, %.0f tokens/s",
                report.model,
                String.valueOf(report.text),
                result.chunks(),
                result.windowSize(),
                result.tokens(),
                result.tokensPerSecond()));
    }

    private void perplexity(String what, PerplexityResult result) {
        line(String.format(Locale.ROOT, "  %-26s %.4f ± %.4f", what, result.perplexity(), result.standardError()));
    }

    private void comparison(ComparisonResult result) {
        perplexity("perplexity", result.candidate());
        perplexity("that of the reference", result.reference());
        line(String.format(
                Locale.ROOT, "  %-26s %.5f ± %.5f", "ratio", result.perplexityRatio(), result.perplexityRatioError()));
        Distribution divergence = result.klDivergence();
        line(String.format(
                Locale.ROOT, "  %-26s %.6f ± %.6f", "KL divergence", divergence.mean(), divergence.standardError()));
        line(String.format(
                Locale.ROOT,
                "  %-26s median %.6f, 90 %% %.6f, 95 %% %.6f, 99 %% %.6f, maximum %.6f",
                "",
                divergence.median(),
                divergence.percentile90(),
                divergence.percentile95(),
                divergence.percentile99(),
                divergence.maximum()));
        line(String.format(Locale.ROOT, "  %-26s %.3f %%", "same likeliest token", 100 * result.topAgreement()));
        line(String.format(
                Locale.ROOT,
                "  %-26s mean %.3f %%, RMS %.3f %%",
                "change of probability",
                100 * result.meanProbabilityChange(),
                100 * result.rmsProbabilityChange()));
    }

    private void tasks(EvaluationReport report, TaskReport tasks) {
        line(String.format(
                Locale.ROOT,
                "%s on %s: %d questions, %d tokens in %.1f s, %.0f tokens/s",
                report.model,
                String.valueOf(report.questions),
                tasks.results().size(),
                tasks.tokens(),
                tasks.duration().toMillis() / 1e3,
                tasks.tokensPerSecond()));
        score("right", tasks.overall());
        if (tasks.skills().size() > 1) {
            tasks.skills().forEach((skill, score) -> score("  " + skill, score));
        }
        List<TaskResult> wrong = tasks.wrong();
        wrong.stream().limit(WRONG_SHOWN).forEach(this::wrong);
        if (wrong.size() > WRONG_SHOWN) {
            line(String.format(
                    Locale.ROOT, "  and %d more that are wrong; --json has them all", wrong.size() - WRONG_SHOWN));
        }
    }

    private void score(String what, TaskReport.Score score) {
        line(String.format(
                Locale.ROOT, "  %-26s %6.2f %%  %d of %d", what, 100 * score.accuracy(), score.right(), score.total()));
    }

    private void wrong(TaskResult result) {
        Question question = result.question();
        String expected = question.answer()
                .or(() -> question.pattern().map(Pattern::pattern))
                .orElse("");
        line(String.format(
                Locale.ROOT,
                "  wrong: %s: %s expected, %s said",
                question.id(),
                Json.write(expected),
                Json.write(end(result.answer().orElse(result.text())))));
    }

    private static String end(String text) {
        return text.length() <= TEXT_SHOWN ? text : "…" + text.substring(text.length() - TEXT_SHOWN);
    }

    private void line(String text) {
        out.println(text);
    }
}
