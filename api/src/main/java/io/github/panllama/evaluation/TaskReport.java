package io.github.panllama.evaluation;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a model did on a list of questions.
 *
 * @param results what it said to each, in the order of the questions
 * @param duration of the computation
 */
public record TaskReport(List<TaskResult> results, Duration duration) {
    /** Copies the list, and refuses {@code null}. */
    public TaskReport {
        results = List.copyOf(results);
        Objects.requireNonNull(duration, "duration");
    }

    /**
     * How many were right.
     *
     * @param right right answers
     * @param total questions
     */
    public record Score(int right, int total) {
        /** The share of right answers, from 0 to 1. */
        public double accuracy() {
            return total == 0 ? 0 : (double) right / total;
        }

        private Score plus(TaskResult result) {
            return new Score(right + (result.right() ? 1 : 0), total + 1);
        }
    }

    /** Over all questions. */
    public Score overall() {
        return results.stream()
                .reduce(new Score(0, 0), Score::plus, (a, b) -> new Score(a.right + b.right, a.total + b.total));
    }

    /** The share of right answers over all questions, from 0 to 1. */
    public double accuracy() {
        return overall().accuracy();
    }

    /** By skill, in the order in which the questions name them. */
    public Map<String, Score> skills() {
        Map<String, Score> skills = new LinkedHashMap<>();
        for (TaskResult result : results) {
            String skill = result.question().skill();
            skills.put(skill, skills.getOrDefault(skill, new Score(0, 0)).plus(result));
        }
        return Collections.unmodifiableMap(skills);
    }

    /** Those that were not answered right. */
    public List<TaskResult> wrong() {
        return results.stream().filter(result -> !result.right()).toList();
    }

    /** Tokens that the model said, over all questions. */
    public long tokens() {
        return results.stream().mapToLong(TaskResult::tokens).sum();
    }

    /** Tokens of all prompts. */
    public long promptTokens() {
        return results.stream().mapToLong(TaskResult::promptTokens).sum();
    }

    /** Tokens that the model said in a second, prompts and all questions taken together. */
    public double tokensPerSecond() {
        return Rate.perSecond(tokens(), duration);
    }
}
