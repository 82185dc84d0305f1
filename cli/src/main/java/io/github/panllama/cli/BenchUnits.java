package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.cli.BenchScaling.Sample;
import io.github.panllama.cli.BenchScaling.Unit;
import io.github.panllama.engine.EngineOptions;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark's load grows with.
 *
 * @param unit devices, or contexts of the one device; null without a scaling
 * @param models one for each device
 * @param replicas contexts of each model, at most
 */
record BenchUnits(@Nullable Unit unit, int models, int replicas) {
    /**
     * Devices where there are several, else the contexts of the one.
     *
     * @throws UsageException if there are too few contexts for a scaling, or more than an engine has
     */
    static BenchUnits of(BenchDevices devices, int replicas, boolean scaling) {
        int models = devices.count();
        int most = EngineOptions.MAX_REPLICAS / models;
        if (replicas < 1 || replicas > most) {
            throw new UsageException("--replicas is %d, must be in [1, %d]".formatted(replicas, most));
        }
        if (!scaling) {
            return new BenchUnits(null, models, replicas);
        }
        if (models == 1 && replicas == 1) {
            throw new UsageException("--scaling has one device with one context, must be two or more of either:"
                    + " give --replicas, or several GPUs to --devices");
        }
        return new BenchUnits(models > 1 ? Unit.DEVICES : Unit.REPLICAS, models, replicas);
    }

    /** How many units there are at most; 1 without a scaling. */
    int count() {
        return unit == null ? 1 : unit == Unit.DEVICES ? models : replicas;
    }

    /** Contexts that share the load of one unit. */
    int contextsOfEach() {
        return models * replicas / count();
    }

    /** What is measured, in order: all that there is, or 1, 2, … units. */
    List<BenchStep> steps(List<LlamaModel> loaded) {
        if (unit == null) {
            return List.of(new BenchStep(loaded, replicas, 1));
        }
        return IntStream.rangeClosed(1, count())
                .mapToObj(count -> step(unit, loaded, count))
                .toList();
    }

    private BenchStep step(Unit growing, List<LlamaModel> loaded, int count) {
        return growing == Unit.DEVICES
                ? new BenchStep(loaded.subList(0, count), replicas, count)
                : new BenchStep(loaded, count, count);
    }

    /** How the runs of a scaling compare. */
    @Nullable
    BenchScaling compare(List<BenchRun> runs) {
        return unit == null
                ? null
                : BenchScaling.of(unit, runs.stream().map(Sample::of).toList());
    }
}
