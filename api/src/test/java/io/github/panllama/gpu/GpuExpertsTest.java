package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Device;
import io.github.panllama.DeviceType;
import io.github.panllama.LlamaModel;
import io.github.panllama.MemoryPlan;
import io.github.panllama.ModelOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mixtures of experts, with the experts on the card, on the CPU, and on both. */
@OnCard
class GpuExpertsTest {
    private static final double CLOSE = 0.01;
    private static final int EXPERTS = 4;
    private static final int[] PROMPT = Walk.prompt(40, 11);

    private static final int[] SHORT_PROMPT = Walk.prompt(8, 11);

    @TempDir
    Path folder;

    private static ModelOptions.Builder firstLayersExpertsOnCpu() {
        Device cpu = Device.all().stream()
                .filter(device -> device.type() == DeviceType.CPU)
                .findFirst()
                .orElseThrow();
        return Card.options().placeTensors("^blk\\.[01]\\.ffn_.*_exps", cpu);
    }

    private Path write(Architecture architecture) throws IOException {
        Path file = folder.resolve(architecture.ggufName() + ".gguf");
        SyntheticModel.builder(architecture)
                .layers(4)
                .experts(EXPERTS)
                .activeExperts(2)
                .write(file);
        return file;
    }

    private static Walk walk(Path file, ModelOptions.Builder options) {
        try (LlamaModel model = LlamaModel.load(file, options.build())) {
            return Walk.of(model, Card.context(256).build(), PROMPT, 16);
        }
    }

    /** Token by token, which rounds less: which experts are chosen turns over at a near tie. */
    private static Walk slowWalk(Path file, ModelOptions.Builder options) {
        try (LlamaModel model = LlamaModel.load(file, options.build())) {
            return Walk.of(model, Card.context(256).batchSize(1).build(), SHORT_PROMPT, 4);
        }
    }

    private static long weights(Path file, ModelOptions.Builder options) {
        return Card.use(MemoryPlan.of(file, options.build(), Card.context(256).build()))
                .weights();
    }

    @ParameterizedTest
    @EnumSource(
            value = Architecture.class,
            names = {"DEEPSEEK2", "QWEN3MOE"})
    void expertsComputeTheSameWhereverTheyAre(Architecture architecture) throws IOException {
        Path file = write(architecture);
        Walk expected = walk(file, Card.cpu().activeExperts(EXPERTS));
        walk(file, Card.options().activeExperts(EXPERTS)).assertFollows("all on the card", expected, CLOSE);
        walk(file, Card.options().activeExperts(EXPERTS).expertsOnCpu())
                .assertFollows("experts on the CPU", expected, CLOSE);
        walk(file, firstLayersExpertsOnCpu().activeExperts(EXPERTS)).assertFollows("experts on both", expected, CLOSE);
        slowWalk(file, Card.options()).assertFollows("some experts", slowWalk(file, Card.cpu()), CLOSE);
    }

    /** Where the CPU stands in, all is in one place. */
    @ParameterizedTest
    @EnumSource(
            value = Architecture.class,
            names = {"DEEPSEEK2", "QWEN3MOE"})
    void expertsOnTheCpuTakeNothingOfTheCard(Architecture architecture) throws IOException {
        Path file = write(architecture);
        long all = weights(file, Card.options());
        long some = weights(file, firstLayersExpertsOnCpu());
        long none = weights(file, Card.options().expertsOnCpu());
        if (Card.isGpu()) {
            assertThat(none).isLessThan(some);
            assertThat(some).isLessThan(all);
        } else {
            assertThat(none).isEqualTo(all);
            assertThat(some).isEqualTo(all);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Architecture.class,
            names = {"DEEPSEEK2", "QWEN3MOE"})
    void asManyExpertsAnswerAsAreAsked(Architecture architecture) throws IOException {
        Path file = write(architecture);
        Walk trained = slowWalk(file, Card.options());
        Walk one = slowWalk(file, Card.options().activeExperts(1));
        one.assertFollows("one expert", slowWalk(file, Card.cpu().activeExperts(1)), CLOSE);
        assertThat(Walk.distance(one.lastLogits(), trained.lastLogits())).isGreaterThan(0.05);
    }
}
