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
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.DeviceSampling;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
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
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
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

    @Test
    void tokensChosenOnTheGpuAreThoseChosenOnTheHost() throws IOException {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(Architecture.LLAMA).build().write(file);
        ModelOptions options = ModelOptions.builder()
                .gpuLayers(ModelOptions.ALL_LAYERS)
                .devices(Device.requireGpu())
                .build();
        try (LlamaModel model = LlamaModel.load(file, options)) {
            assertThat(model.isOffloaded()).isTrue();
            List<List<Integer>> onHost = engineIds(model, DeviceSampling.OFF);
            assertThat(onHost).hasSize(24).allSatisfy(ids -> assertThat(ids).isNotEmpty());
            assertThat(engineIds(model, DeviceSampling.AUTO)).isEqualTo(onHost);
        }
    }

    /** Greedy answers, and random ones among the likeliest token alone; chains change on the same few sequences. */
    private static List<List<Integer>> engineIds(LlamaModel model, DeviceSampling sampling) {
        EngineOptions options = EngineOptions.builder()
                .sequences(4)
                .contextSize(1024)
                .deviceSampling(sampling)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = IntStream.range(0, 24)
                    .mapToObj(i -> engine.generate(CompletionRequest.builder("Once upon " + i)
                            .maxTokens(16)
                            .sampling(
                                    i % 2 == 0
                                            ? SamplingOptions.greedy()
                                            : SamplingOptions.builder()
                                                    .topK(1)
                                                    .seed(i)
                                                    .build())
                            .build()))
                    .toList();
            List<List<Integer>> ids =
                    generations.stream().map(each -> each.await().tokens()).toList();
            EngineStats stats = engine.stats();
            assertThat(sampling == DeviceSampling.OFF ? stats.deviceSampled() : stats.hostSampled())
                    .isZero();
            return ids;
        }
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
