package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.cli.BenchScaling.Unit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Copies of a model on the CPU stand for those on several GPUs: the engine takes either as a list of models. */
class BenchUnitsTest {
    private static final int PROMPT = 8;
    private static final int ANSWER = 4;

    private static Interruption interruption;
    private static BenchModels loaded;

    @BeforeAll
    static void load() {
        interruption = Interruption.watch();
        loaded = BenchModels.load(
                TestModels.llama(),
                Stream.generate(() -> ModelOptions.builder().gpuLayers(0))
                        .limit(3)
                        .toList(),
                Terminal.ofProcess(),
                interruption);
    }

    @AfterAll
    static void close() {
        loaded.close();
        interruption.close();
    }

    private static BenchRun run(BenchStep step, int each, BenchOptions options) {
        MachineFlags machine = CommandLine.populateCommand(new MachineFlags(), "--threads", "1", "--gpu-layers", "0");
        BenchMeasurement measurement = new BenchMeasurement(
                options, machine, loaded.first().tokenizer(), new MemoryPeaks(), CardWatch.Which.AUTO);
        return measurement.run(step, each, done -> {}, interruption);
    }

    private static BenchOptions options(int replicas) {
        return new BenchOptions(PROMPT, ANSWER, 6, null, null, 0, null, null, 0, 1, 600, replicas, List.of(), true);
    }

    @Test
    void aScalingOfDevicesTakesOneModelMoreInEachStep() {
        BenchUnits units = new BenchUnits(Unit.DEVICES, 3, 2);
        List<LlamaModel> models = loaded.all();
        assertThat(units.steps(models))
                .containsExactly(
                        new BenchStep(models.subList(0, 1), 2, 1),
                        new BenchStep(models.subList(0, 2), 2, 2),
                        new BenchStep(models, 2, 3));
        assertThat(units.contextsOfEach()).isEqualTo(2);
    }

    @Test
    void aScalingOfReplicasTakesOneContextMoreInEachStep() {
        BenchUnits units = new BenchUnits(Unit.REPLICAS, 1, 3);
        List<LlamaModel> one = loaded.all().subList(0, 1);
        assertThat(units.steps(one))
                .containsExactly(new BenchStep(one, 1, 1), new BenchStep(one, 2, 2), new BenchStep(one, 3, 3));
        assertThat(units.contextsOfEach()).isEqualTo(1);
    }

    @Test
    void withoutAScalingAllAreMeasuredAtOnce() {
        BenchUnits units = new BenchUnits(null, 3, 2);
        assertThat(units.steps(loaded.all())).containsExactly(new BenchStep(loaded.all(), 2, 1));
        assertThat(units.contextsOfEach()).isEqualTo(6);
        assertThat(units.compare(List.of())).isNull();
    }

    @Test
    void everyModelComputesAndTheLoadGrowsWithThem() {
        BenchOptions options = options(1);
        BenchUnits units = new BenchUnits(Unit.DEVICES, 3, 1);
        List<BenchRun> runs = units.steps(loaded.all()).stream()
                .map(step -> run(step, 2, options))
                .toList();
        assertThat(runs).extracting(BenchRun::parallel).containsExactly(2, 4, 6);
        assertThat(runs).extracting(BenchRun::inFlight).containsExactly("2", "2 × 2", "3 × 2");
        assertThat(runs).extracting(run -> run.load().requests().size()).containsExactly(6, 12, 18);
        assertThat(runs).extracting(run -> run.load().generatedTokens()).containsExactly(24L, 48L, 72L);
        int cells = runs.getFirst().cells();
        assertThat(runs).extracting(BenchRun::cells).containsExactly(cells, 2 * cells, 3 * cells);
        assertThat(runs).allSatisfy(run -> assertThat(run.devices()).containsExactly("CPU"));

        BenchScaling scaling = units.compare(runs);
        assertThat(scaling).isNotNull();
        assertThat(scaling.points()).hasSize(3).first().satisfies(point -> {
            assertThat(point.speedUp()).isEqualTo(1);
            assertThat(point.sample().p95()).isPresent();
        });
    }
}
