package io.github.panllama.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** No abuse of the public API ends the JVM, and each is answered as its documentation says. */
class AbuseTest {
    private static final int ENOUGH = 10_000;

    @Test
    void thereAreEnoughCases() {
        assertThat(AbuseCases.all()).hasSizeGreaterThanOrEqualTo(ENOUGH);
    }

    @TestFactory
    List<DynamicTest> abuse(@TempDir Path folder) throws IOException, InterruptedException {
        AbuseFiles.write(folder);
        List<AbuseCase> cases = AbuseCases.all();
        List<AbuseForks.Result> results = AbuseForks.run(folder, cases.size());
        report(cases, results);
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            String wrong = results.get(i).wrong();
            tests.add(DynamicTest.dynamicTest(cases.get(i).name(), () -> {
                if (!wrong.isEmpty()) {
                    fail(wrong);
                }
            }));
        }
        return tests;
    }

    /** Writes a line for each case to {@code target/abuse.tsv}: milliseconds, name, what was wrong. */
    private static void report(List<AbuseCase> cases, List<AbuseForks.Result> results) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            AbuseForks.Result result = results.get(i);
            lines.add("%d\t%s\t%s".formatted(result.millis(), cases.get(i).name(), result.wrong()));
        }
        Files.write(Path.of(System.getProperty("java.io.tmpdir"), "abuse.tsv"), lines);
    }
}
