package io.github.panllama.bench;

import io.github.panllama.bench.QualityMeasurement.Row;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Prints what was measured: a table of quality and speed, and one of the accuracy in each skill. */
final class QualityTable {
    private final String title;
    private final String candidates;
    private final String bytes;

    /**
     * A table.
     *
     * @param candidates heading of the first column
     * @param bytes heading of the second
     */
    QualityTable(String title, String candidates, String bytes) {
        this.title = title;
        this.candidates = candidates;
        this.bytes = bytes;
    }

    void print(List<Row> rows) {
        System.out.printf("%n%s:%n%n", title);
        head(List.of(
                bytes,
                "perplexity",
                "KL divergence",
                "same likeliest token",
                "accuracy",
                "tokens/s, 1 sequence",
                "tokens/s, 32 sequences"));
        rows.forEach(row -> quality(row, rows.getFirst()));
        System.out.println();
        Set<String> skills = rows.getFirst().tasks().skills().keySet();
        head(skills.stream().map(skill -> skill.replace('_', ' ')).toList());
        rows.forEach(row -> skills(row, skills));
        System.out.flush();
    }

    private void head(List<String> cells) {
        System.out.println("| " + candidates + " | " + String.join(" | ", cells) + " |");
        System.out.println("|---|" + "---:|".repeat(cells.size()));
    }

    private static void quality(Row row, Row first) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %,d | %.4f | %.5f | %.2f %% | %.2f %% | %s | %s |%n",
                row.candidate().label(),
                row.candidate().bytes(),
                row.comparison().candidate().perplexity(),
                row.comparison().klDivergence().mean(),
                100 * row.comparison().topAgreement(),
                100 * row.tasks().accuracy(),
                speed(row, first, 0),
                speed(row, first, 1));
    }

    private static String speed(Row row, Row first, int index) {
        double speed = row.tokensPerSecond().get(index);
        return String.format(
                Locale.ROOT,
                "%,.0f (%.2f ×)",
                speed,
                speed / first.tokensPerSecond().get(index));
    }

    private static void skills(Row row, Set<String> skills) {
        System.out.println(skills.stream()
                .map(skill -> String.format(Locale.ROOT, "%.1f %%", 100 * accuracy(row, skill)))
                .collect(Collectors.joining(" | ", "| " + row.candidate().label() + " | ", " |")));
    }

    /** All candidates were asked the same questions. */
    private static double accuracy(Row row, String skill) {
        return Objects.requireNonNull(row.tasks().skills().get(skill), skill).accuracy();
    }
}
