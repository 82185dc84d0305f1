package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Native memory comes back, in a JVM whose heap cannot hide it. */
class MemoryTest {
    private static final List<String> FIXED_HEAP =
            List.of("-Xms48m", "-Xmx48m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    /** Until the JVM has compiled what the cycles run, which costs it some 15 MB once. */
    private static final int WARM_UP = 600;

    private static final int CYCLES = 1000;
    private static final long LIMIT_KILOBYTES = 10 * 1024;

    private static Path file;

    @BeforeAll
    static void write() throws IOException {
        file = TestModels.path("smallest.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .vocabularySize(SyntheticVocabulary.MIN_SIZE)
                .layers(1)
                .write(file);
    }

    @Test
    void aThousandCyclesOfModelAndContextCostLessThanTenMegabytes() throws Exception {
        String output = Fork.run(
                OpenCloseCycles.class,
                FIXED_HEAP,
                file.toString(),
                Integer.toString(WARM_UP),
                Integer.toString(CYCLES));
        String grown = output.lines()
                .filter(line -> line.startsWith("grown "))
                .findFirst()
                .orElseThrow();
        System.out.println("Resident memory after " + CYCLES + " cycles, kB: " + grown);
        assertThat(Long.parseLong(grown.substring("grown ".length()))).isLessThan(LIMIT_KILOBYTES);
    }

    @Test
    void whatWasForgottenIsFreedWithAWarningThatNamesWhereItWasMade() throws Exception {
        String output = Fork.run(Leak.class, FIXED_HEAP, file.toString());
        assertThat(output)
                .contains("The context was never closed; it is freed now")
                .contains("The context was made here")
                .contains("at io.github.panllama.Leak.forget(Leak.java:")
                .contains("freed");
    }
}
