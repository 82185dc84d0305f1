package io.github.panllama.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model whose adapters are chosen by its attention needs no rule for that: whatever comes of it, it is one of them. */
class SwitchingModelTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(floats = {15, Float.NaN, Float.POSITIVE_INFINITY, 70_000, -15})
    void anyGainChoosesAnAdapterThatThereIs(float gain) throws Exception {
        Path file = SwitchingModelFile.write(folder.resolve("switching.gguf"), gain);
        assertThat(ArchitectureRulesNeededTest.run(folder, TrustedLoad.class, file))
                .contains(TrustedLoad.SURVIVED)
                .doesNotContain("Exception");
    }
}
