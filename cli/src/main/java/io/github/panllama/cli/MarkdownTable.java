package io.github.panllama.cli;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown whose columns also stand one below the other in a terminal; numbers, to the right. */
public final class MarkdownTable {
    private final List<List<String>> rows = new ArrayList<>();

    /** A table without rows yet. */
    public MarkdownTable(List<String> header) {
        rows.add(List.copyOf(header));
    }

    /** Adds a row, with as many cells as the header. */
    public void row(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    void print(Output out) {
        out.print(text());
    }

    /** The table as lines, each with its end. */
    public String text() {
        StringBuilder text = new StringBuilder();
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder("|");
            StringBuilder rule = new StringBuilder("|");
            for (int i = 0; i < widths.length; i++) {
                String cell = rows.get(r).get(i);
                line.append(' ')
                        .repeat(' ', widths[i] - cell.length())
                        .append(cell)
                        .append(" |");
                rule.repeat('-', widths[i] + 1).append(":|");
            }
            text.append(line).append('\n');
            if (r == 0) {
                text.append(rule).append('\n');
            }
        }
        return text.toString();
    }
}
