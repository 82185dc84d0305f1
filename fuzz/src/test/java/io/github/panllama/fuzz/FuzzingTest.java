package io.github.panllama.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks for new cases for some seconds; {@code ci/fuzz} does for as long as one likes. */
class FuzzingTest {
    private static final int SECONDS = Integer.getInteger("panllama.fuzz.seconds", 8);
    private static final int LEAST_PER_SECOND = 20;

    @TempDir
    Path folder;

    @Test
    void nothingIsFoundInAFewSeconds() throws Exception {
        JazzerRun run = JazzerRun.of(Targets.ALL, folder, "-max_total_time=" + SECONDS);
        assertThat(run.code()).as(run.output()).isZero();
        assertThat(run.inputs()).as(run.output()).isGreaterThan(LEAST_PER_SECOND * SECONDS);
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
