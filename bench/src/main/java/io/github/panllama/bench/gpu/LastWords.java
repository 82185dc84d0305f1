package io.github.panllama.bench.gpu;

import java.util.List;

/** What a process said last: its log has hundreds of lines, and a report wants to tell why it has ended. */
final class LastWords {
    private static final int LINES = 4;
    private static final int MOST_CHARACTERS = 1_000;

    private LastWords() {}

    /** The last lines, or from that on in which ggml tells why it ends the process: a stack comes after it. */
    static String of(String log) {
        List<String> said =
                log.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        int first = Math.max(0, said.size() - LINES);
        for (int i = 0; i < first; i++) {
            if (said.get(i).contains("error:") || said.get(i).contains("GGML_ASSERT")) {
                first = i;
            }
        }
        String words = String.join(" | ", said.subList(first, Math.min(said.size(), first + LINES)));
        return words.substring(0, Math.min(words.length(), MOST_CHARACTERS));
    }
}
