package io.github.panllama.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** No abuse of the public API ends the JVM, and each is answered as its documentation says. */
class AbuseTest {
    private static final int ENOUGH = 500;

    @Test
    void thereAreEnoughCases() {
        assertThat(AbuseCases.all()).hasSizeGreaterThanOrEqualTo(ENOUGH);
    }

    @TestFactory
    List<DynamicTest> abuse(@TempDir Path folder) throws IOException, InterruptedException {
        AbuseFiles.write(folder);
        List<AbuseCase> cases = AbuseCases.all();
        List<String> results = AbuseForks.run(folder, 0, cases.size());
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            String wrong = results.get(i);
            tests.add(DynamicTest.dynamicTest(cases.get(i).name(), () -> {
                if (!wrong.isEmpty()) {
                    fail(wrong);
                }
            }));
        }
        return tests;
    }
}
