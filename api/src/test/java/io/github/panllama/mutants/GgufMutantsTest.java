package io.github.panllama.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No model file, however its parts are damaged, ends the JVM that loads it and generates with it. */
class GgufMutantsTest {
    private static final int COUNT = Integer.getInteger("panllama.mutants", 2_000);
    private static final long FIRST = Long.getLong("panllama.mutants.first", 1);

    @TempDir
    private static Path folder;

    @BeforeAll
    static void writeModels() throws IOException {
        for (Architecture architecture : Architecture.values()) {
            SyntheticModel.builder(architecture)
                    .contextLength(128)
                    .layers(2)
                    .write(folder.resolve(architecture + ".gguf"));
        }
    }

    @Test
    void theSameSeedMakesTheSameMutant() throws IOException {
        for (long seed = 0; seed < 50; seed++) {
            GgufMutator.Mutant mutant = MutantRunner.mutant(folder, seed);
            assertThat(MutantRunner.mutant(folder, seed)).isEqualTo(mutant);
            assertThat(mutant.description()).isNotEmpty();
        }
    }

    @Test
    void partsPutTogetherAreTheFile() throws IOException {
        for (Architecture architecture : Architecture.values()) {
            Path file = folder.resolve(architecture + ".gguf");
            assertThat(GgufParts.of(file).toBytes()).isEqualTo(Files.readAllBytes(file));
        }
    }

    @Test
    void noMutantEndsTheJvm() throws IOException, InterruptedException {
        MutantForks forks =
                MutantForks.run(folder, FIRST, FIRST + COUNT, Boolean.getBoolean("panllama.mutants.trusted"));
        System.out.printf("%d mutants from seed %d: %s%n", COUNT, FIRST, forks.outcomes());
        assertThat(forks.failures()).as("%s", forks.outcomes()).isEmpty();
        if (COUNT >= 100) {
            assertThat(forks.outcomes()).as("that some are refused, some run").containsKeys("refused", "ran");
        }
    }
}
