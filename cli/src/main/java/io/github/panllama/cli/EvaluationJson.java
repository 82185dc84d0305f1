package io.github.panllama.cli;

import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.Distribution;
import io.github.panllama.evaluation.PerplexityResult;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.TaskResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An evaluation as the object that {@code evaluate --json} prints. Its fields are documented in docs/cli.md and stay. */
final class EvaluationJson {
    private EvaluationJson() {}

    static Map<String, @Nullable Object> of(EvaluationReport report) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("model", report.model.toString());
        object.put("text_file", report.text == null ? null : report.text.toString());
        if (report.perplexity != null) {
            object.put("perplexity", perplexity(report.perplexity));
        }
        if (report.comparison != null) {
            object.put("reference", String.valueOf(report.reference));
            object.put("comparison", comparison(report.comparison));
        }
        if (report.tasks != null) {
            object.put("questions_file", String.valueOf(report.questions));
            object.put("questions", tasks(report.tasks));
        }
        return object;
    }

    private static Map<String, Object> perplexity(PerplexityResult result) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("perplexity", result.perplexity());
        object.put("standard_error", result.standardError());
        object.put("negative_log_likelihood", result.negativeLogLikelihood());
        object.put("tokens", result.tokens());
        object.put("chunks", result.chunks());
        object.put("window_size", result.windowSize());
        object.put("computed_tokens", result.computedTokens());
        object.put("duration_ms", milliseconds(result.duration()));
        object.put("tokens_per_second", rounded(result.tokensPerSecond()));
        return object;
    }

    private static Map<String, Object> comparison(ComparisonResult result) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("model", perplexity(result.candidate()));
        object.put("reference", perplexity(result.reference()));
        object.put("perplexity_ratio", result.perplexityRatio());
        object.put("perplexity_ratio_error", result.perplexityRatioError());
        object.put("kl_divergence", distribution(result.klDivergence()));
        object.put("top1_agreement", result.topAgreement());
        object.put("mean_probability_change", result.meanProbabilityChange());
        object.put("rms_probability_change", result.rmsProbabilityChange());
        return object;
    }

    private static Map<String, Object> distribution(Distribution distribution) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("mean", distribution.mean());
        object.put("standard_error", distribution.standardError());
        object.put("minimum", distribution.minimum());
        object.put("p1", distribution.percentile1());
        object.put("p5", distribution.percentile5());
        object.put("p10", distribution.percentile10());
        object.put("median", distribution.median());
        object.put("p90", distribution.percentile90());
        object.put("p95", distribution.percentile95());
        object.put("p99", distribution.percentile99());
        object.put("maximum", distribution.maximum());
        return object;
    }

    private static Map<String, Object> tasks(TaskReport report) {
        Map<String, Object> skills = new LinkedHashMap<>();
        report.skills().forEach((skill, score) -> skills.put(skill, score(score)));
        Map<String, Object> object = new LinkedHashMap<>(score(report.overall()));
        object.put("skills", skills);
        object.put("wrong", report.wrong().stream().map(EvaluationJson::wrong).toList());
        object.put("prompt_tokens", report.promptTokens());
        object.put("tokens", report.tokens());
        object.put("duration_ms", milliseconds(report.duration()));
        object.put("tokens_per_second", rounded(report.tokensPerSecond()));
        return object;
    }

    private static Map<String, Object> score(TaskReport.Score score) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("accuracy", score.accuracy());
        object.put("right", score.right());
        object.put("total", score.total());
        return object;
    }

    private static Map<String, @Nullable Object> wrong(TaskResult result) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("id", result.question().id());
        object.put("skill", result.question().skill());
        object.put("expected", result.question().answer().orElse(null));
        object.put("pattern", result.question().pattern().map(Object::toString).orElse(null));
        object.put("answer", result.answer().orElse(null));
        object.put("text", result.text());
        object.put("finish_reason", result.finishReason().name().toLowerCase(Locale.ROOT));
        return object;
    }

    private static double milliseconds(Duration duration) {
        return Math.round(duration.toNanos() / 1e3) / 1e3;
    }

    private static double rounded(double number) {
        return Math.round(number * 10) / 10.0;
    }
}
