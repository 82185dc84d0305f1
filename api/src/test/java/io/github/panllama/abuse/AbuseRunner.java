package io.github.panllama.abuse;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The main class of a JVM that is abused. Arguments: the folder of the models, the index of the first case, that after
 * the last. Says on standard output what it is about to do and how it ended, a line each.
 */
final class AbuseRunner {
    static final String START = "@@START ";
    static final String DONE = "@@DONE ";
    static final String END = "@@END";
    private static final long MOST_MILLIS = 10_000;

    private AbuseRunner() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        List<AbuseCase> cases = AbuseCases.all();
        try (AbuseFixture fixture = new AbuseFixture(Path.of(args[0]))) {
            for (int i = Integer.parseInt(args[1]); i < Integer.parseInt(args[2]); i++) {
                out.println(START + i);
                long begin = System.nanoTime();
                String wrong = cases.get(i).run(fixture);
                long millis = (System.nanoTime() - begin) / 1_000_000;
                if (millis > MOST_MILLIS && wrong.isEmpty()) {
                    wrong = "took %d ms, may take %d".formatted(millis, MOST_MILLIS);
                }
                out.println(DONE + millis + ' ' + oneLine(wrong));
            }
        }
        out.println(END);
    }

    private static String oneLine(String text) {
        return text.lines().reduce((a, b) -> a + " / " + b).orElse("");
    }
}
