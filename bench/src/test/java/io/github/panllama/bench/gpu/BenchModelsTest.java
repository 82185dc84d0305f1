package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.github.panllama.QuantizationType;
import io.github.panllama.synthetic.SyntheticPreset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchModelsTest {
    private static final SyntheticPreset SMALL = SyntheticPreset.DEEPSEEK_R1_DISTILL_QWEN_1_5B;

    @TempDir
    private Path folder;

    @Test
    void presetsComeWithAllOfTheFirstTypeFirstAndAreNotWrittenYet() {
        assertThat(BenchModels.presets(
                        List.of(SyntheticPreset.DEEPSEEK_V2_LITE, SMALL),
                        List.of(QuantizationType.Q4_K_M, QuantizationType.Q8_0),
                        folder,
                        Deadline.never()))
                .extracting(BenchModel::name, BenchModel::type)
                .containsExactly(
                        tuple("deepseek-v2-lite", "Q4_K_M"),
                        tuple("deepseek-r1-distill-qwen-1.5b", "Q4_K_M"),
                        tuple("deepseek-v2-lite", "Q8_0"),
                        tuple("deepseek-r1-distill-qwen-1.5b", "Q8_0"));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aPresetIsNotWrittenToItsEndWhenTheTimeIsOver() throws Exception {
        BenchModel model = BenchModels.preset(SMALL.model(QuantizationType.Q4_K_M), folder, Deadline.in(Duration.ZERO));
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> model.file().get());
        model.file().release();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theNameOfAFileTellsModelAndType() {
        assertThat(BenchModels.ofFiles(List.of(Path.of("some-7b-Q4_K_M.gguf"), Path.of("other.gguf"))))
                .extracting(BenchModel::name, BenchModel::type)
                .containsExactly(tuple("some-7b", "Q4_K_M"), tuple("other", "file"));
    }
}
