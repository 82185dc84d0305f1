package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same models on a GPU as on the CPU. Without one it is skipped, or fails under {@code -Dpanllama.gpu.required}. */
@Tag("gpu")
class GpuTest {
    @TempDir
    Path folder;

    @BeforeEach
    void skipWithoutGpu() {
        assumeFalse(Device.gpus().isEmpty() && !Boolean.getBoolean("panllama.gpu.required"));
    }

    @Test
    void requiredGpuIsListedWithItsMemory() {
        assertThat(Device.requireGpu())
                .isNotEmpty()
                .allSatisfy(gpu -> assertThat(gpu.freeMemory()).isBetween(1L, gpu.totalMemory()));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOMIC_BERT")
    void allLayersOnTheGpuGiveTheGreedyIdsOfTheCpu(Architecture architecture) throws IOException {
        List<Device> gpus = Device.requireGpu();
        Path file = folder.resolve(architecture + ".gguf");
        SyntheticModel.builder(architecture).build().write(file);

        List<Integer> onCpu =
                greedyIds(file, ModelOptions.builder().gpuLayers(0).devices(List.of()));
        List<Integer> onGpu = greedyIds(
                file, ModelOptions.builder().gpuLayers(ModelOptions.ALL_LAYERS).devices(gpus));

        assertThat(onGpu).hasSize(16).isEqualTo(onCpu);
    }

    private static List<Integer> greedyIds(Path file, ModelOptions.Builder options) {
        try (LlamaModel model = LlamaModel.load(file, options.build());
                TextGenerator generator = TextGenerator.of(
                        model, ContextOptions.builder().contextSize(256).build())) {
            return generator
                    .generate(GenerationRequest.builder("Once upon a time")
                            .maxTokens(16)
                            .sampling(SamplingOptions.greedy())
                            .build())
                    .tokens();
        }
    }
}
