package io.github.panllama.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks for new cases in a few inputs; {@code ci/fuzz} does in as many as one likes. */
class FuzzingTest {
    private static final int INPUTS = Integer.getInteger("panllama.fuzz.inputs", 4000);

    @TempDir
    Path folder;

    @Test
    void nothingIsFoundInAFewInputs() throws Exception {
        JazzerRun run = JazzerRun.of(Targets.ALL, folder, "-runs=" + INPUTS);
        assertThat(run.code()).as(run.output()).isZero();
        assertThat(run.inputs()).as(run.output()).isGreaterThanOrEqualTo(INPUTS);
    }

    /** Without this, a fuzzer that calls nothing would be a fuzzer that finds nothing. */
    @Test
    void whatThrowsIsFoundFromWhatIsNearAndKept() throws Exception {
        JazzerRun run = JazzerRun.of(Targets.CANARY, folder, "-runs=500000");
        assertThat(run.code()).as(run.output()).isNotZero();
        assertThat(run.output()).contains("IllegalStateException: the canary sings");
        List<Path> crashes;
        try (Stream<Path> files = Files.list(folder)) {
            crashes = files.filter(file -> file.getFileName().toString().startsWith("crash-"))
                    .toList();
        }
        assertThat(crashes).hasSize(1);
        assertThat(Files.readAllBytes(crashes.getFirst())).startsWith(Input.text("sing"));
    }
}
