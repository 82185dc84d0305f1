package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.internal.SystemMemory;
import io.github.panllama.synthetic.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is chosen is the most that fits, on devices whose memory the tests set. */
class MemoryFitTest {
    private static final long MIB = 1 << 20;
    private static final int LAYERS = 32;

    /** A model of 100 MiB for each layer and 300 for its output, on one GPU with so much memory. */
    private static IntFunction<MemoryPlan> gpu(long free) {
        return layers -> {
            int count = layers == ModelOptions.ALL_LAYERS ? LAYERS + 1 : layers;
            long onGpu = count == 0 ? 0 : (300 + 100L * (count - 1)) * MIB;
            long all = (300 + 100L * LAYERS) * MIB;
            return new MemoryPlan(
                    List.of(
                            new MemoryUse("CUDA0", onGpu, 0, 10L * count * MIB, 50 * MIB, 0, free),
                            new MemoryUse(MemoryUse.HOST, all - onGpu, 0, 0, 0, MIB, 4096 * MIB)),
                    4096,
                    layers,
                    1);
        };
    }

    @Test
    void allLayersGoToAGpuThatHoldsThem() {
        assertThat(LayerFit.largest(LAYERS, gpu(16_384 * MIB))).isEqualTo(ModelOptions.ALL_LAYERS);
    }

    @ParameterizedTest
    @CsvSource({"3072", "2048", "1024", "600", "100", "0"})
    void asManyLayersAsFitGoToASmallerOne(int mib) {
        IntFunction<MemoryPlan> plan = gpu(mib * MIB);
        int layers = LayerFit.largest(LAYERS, plan);
        assertThat(layers).isBetween(0, LAYERS);
        assertThat(layers == 0 || plan.apply(layers).devices().getFirst().fits())
                .isTrue();
        long margin = Math.min(1024, mib / 8) * MIB;
        assertThat(plan.apply(layers + 1).devices().getFirst().total()).isGreaterThan(mib * MIB - margin);
    }

    @Test
    void everyDeviceHasToHoldItsPart() {
        IntFunction<MemoryPlan> plan = layers -> {
            long each = 50 * MIB * (layers == ModelOptions.ALL_LAYERS ? 20 : layers);
            return new MemoryPlan(
                    List.of(
                            new MemoryUse("CUDA0", each, 0, 0, 0, 0, 8192 * MIB),
                            new MemoryUse("CUDA1", each, 0, 0, 0, 0, 400 * MIB),
                            new MemoryUse(MemoryUse.HOST, 0, 0, 0, 0, 0, 0)),
                    256,
                    layers,
                    1);
        };
        assertThat(LayerFit.largest(19, plan)).isEqualTo(7);
    }

    @Test
    void theSearchFindsTheLargestAndAsksSeldom() {
        List<Integer> asked = new ArrayList<>();
        int found = ContextFit.largest(256, 131_072, 256, size -> {
            asked.add(size);
            return size <= 70_000;
        });
        assertThat(found).isEqualTo(70_000 / 256 * 256);
        assertThat(asked).hasSizeLessThan(11).allMatch(size -> size % 256 == 0 && size > 256 && size < 131_072);
    }

    @Test
    void whereNothingFitsTheLeastIsTaken() {
        assertThat(ContextFit.largest(512, 8192, 256, size -> false)).isEqualTo(512);
        assertThat(ContextFit.largest(256, 256, 256, size -> false)).isEqualTo(256);
    }

    @Test
    void aContextThatFitsHasAllThatTheModelWasTrainedFor() {
        try (LlamaModel model = TestModels.llama();
                LlamaContext one = model.newContext(
                        TestModels.context(1).contextSize(ContextSize.AUTO).build());
                LlamaContext four = model.newContext(TestModels.context(1)
                        .contextSize(ContextSize.AUTO)
                        .maxSequences(4)
                        .build())) {
            assertThat(one.contextSize()).isEqualTo(model.trainingContextSize());
            assertThat(four.contextSize()).isEqualTo(4 * model.trainingContextSize());
        }
    }

    @Test
    void aContextIsMadeSmallerUntilItFits() {
        ContextOptions options = ContextOptions.builder()
                .contextSize(ContextSize.AUTO)
                .threads(1)
                .build();
        try (LlamaModel model = TestModels.llama();
                MemoryPlanner planner = MemoryPlanner.like(model)) {
            long whole = planner.plan(options, model.trainingContextSize()).total();
            long least = planner.plan(options, 256).total();
            // A machine on which a bit less than the whole is free.
            long free = (whole + least) / 2;
            int size = ContextFit.largest(options, model, tokens -> withFree(planner.plan(options, tokens), free));
            assertThat(size).isGreaterThan(256).isLessThan(model.trainingContextSize());
            assertThat(planner.plan(options, size).total()).isLessThanOrEqualTo(free - free / 8);
            assertThat(planner.plan(options, size + 256).total()).isGreaterThan(free - free / 8);
        }
    }

    private static MemoryPlan withFree(MemoryPlan plan, long free) {
        MemoryUse host = plan.host();
        return new MemoryPlan(
                List.of(new MemoryUse(
                        host.device(),
                        host.weights(),
                        host.mappedWeights(),
                        host.cache(),
                        host.compute(),
                        host.output(),
                        free)),
                plan.contextSize(),
                plan.gpuLayers(),
                plan.contexts());
    }

    @Test
    void withoutAGpuAutoIsAsGoodAsAnyNumberOfLayers() {
        ModelOptions auto = ModelOptions.builder()
                .gpuLayers(GpuLayers.AUTO)
                .devices(List.of())
                .roomFor(ContextOptions.builder().contextSize(512).build())
                .build();
        try (LlamaModel model = LlamaModel.load(TestModels.file(Architecture.LLAMA), auto);
                LlamaContext context = model.newContext(TestModels.context(256).build())) {
            assertThat(TestModels.greedy(context, 0, 0, TestModels.prompt(8, 1), 4))
                    .hasSize(4);
            assertThat(model.isOffloaded()).isFalse();
        }
    }

    @Test
    void aLittleIsLeftAlsoWhereItIsAQuestionOfRefusing() {
        SystemMemory memory = new SystemMemory(6400 * MIB, 1000 * MIB, 0);
        assertThat(MemoryMargin.canBeHad(936 * MIB, memory)).isTrue();
        assertThat(MemoryMargin.canBeHad(937 * MIB, memory)).isFalse();
        SystemMemory swapping = new SystemMemory(6400 * MIB, 1000 * MIB, 500 * MIB);
        assertThat(MemoryMargin.canBeHad(1436 * MIB, swapping)).isTrue();
        assertThat(MemoryMargin.canBeHad(1437 * MIB, swapping)).isFalse();
        assertThat(MemoryMargin.canBeHad(Long.MAX_VALUE, new SystemMemory(1, 1, Long.MAX_VALUE)))
                .isTrue();
    }
}
