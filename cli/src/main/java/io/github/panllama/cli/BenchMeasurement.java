package io.github.panllama.cli;

import io.github.panllama.Tokenizer;
import io.github.panllama.cli.bench.EngineTarget;
import io.github.panllama.cli.bench.LoadGenerator;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.cli.bench.PoissonArrivals;
import io.github.panllama.cli.bench.Prompts;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.LlamaEngine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Measures models at one number of requests in flight after the other, each with an engine of its own. */
final class BenchMeasurement {
    /** Requests up to so many tokens have room by the engine's default. */
    private static final int ENGINE_DEFAULT = 2048;

    private final BenchOptions options;
    private final MachineFlags machine;
    private final MemoryPeaks memory;
    private final CardWatch.Which watched;
    private final Prompts prompts;

    BenchMeasurement(
            BenchOptions options,
            MachineFlags machine,
            Tokenizer tokenizer,
            MemoryPeaks memory,
            CardWatch.Which watched) {
        this.options = options;
        this.machine = machine;
        this.memory = memory;
        this.watched = watched;
        prompts = new Prompts(tokenizer, options.promptTokens(), options.sharedPrefix(), options.seed());
    }

    /**
     * Measures.
     *
     * @param step the contexts
     * @param each requests in flight for each unit of the step
     * @param progress is told how many of the requests of the load have ended
     */
    BenchRun run(BenchStep step, int each, IntConsumer progress, Interruption interruption) {
        int parallel = step.units() * each;
        memory.reset();
        try (CardWatch cards = CardWatch.open(watched, step.gpus());
                LlamaEngine engine =
                        UsageException.checking(() -> LlamaEngine.start(step.models(), engineOptions(step, each)))) {
            EngineTarget target = new EngineTarget(engine);
            LoadGenerator quiet = new LoadGenerator(target, count -> {});
            LoadGenerator shown = new LoadGenerator(target, progress);
            return interruption.during(() -> end(engine, quiet, shown), () -> {
                warmUp(quiet, parallel);
                PhaseSpeeds phases = PhaseSpeeds.measure(quiet, prompts.next(parallel), options.generateTokens());
                memory.look();
                CardWatch.Watched<LoadResult> seen = cards.during(() -> load(shown, step, each));
                LoadResult load = seen.result();
                memory.look();
                EngineStats stats = engine.stats();
                return new BenchRun(
                        step.units(),
                        each,
                        step.deviceNames(),
                        step.replicas(),
                        stats.cells(),
                        stats.tuning(),
                        phases,
                        load,
                        MemoryPeaks.host(),
                        memory.devices(),
                        new BenchCards(seen.usages(), load.generatedTokens()));
            });
        } catch (UnsupportedOperationException e) {
            throw new FailureException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void end(LlamaEngine engine, LoadGenerator... generators) {
        for (LoadGenerator generator : generators) {
            generator.cancel();
        }
        engine.close();
    }

    private EngineOptions engineOptions(BenchStep step, int each) {
        int sequences = Math.ceilDiv(step.units() * each, step.contexts());
        EngineOptions.Builder builder = EngineOptions.builder()
                .replicas(step.replicas())
                .sequences(sequences)
                .queueCapacity(step.units() * options.requests(each))
                .context(machine::apply);
        Integer context = options.context();
        if (context != null) {
            builder.contextSize(context / (step.contexts() / step.units()));
        } else if (options.tokensOfARequest() > ENGINE_DEFAULT) {
            builder.contextSize(Math.multiplyExact(sequences, options.tokensOfARequest()));
        }
        Double target = options.targetLatencyMs();
        if (target != null) {
            builder.targetInterTokenLatency(Duration.ofNanos(Math.round(target * TimeUnit.MILLISECONDS.toNanos(1))));
        }
        return builder.build();
    }

    private void warmUp(LoadGenerator generator, int parallel) {
        long nanos = Math.round(options.warmUpSeconds() * TimeUnit.SECONDS.toNanos(1));
        long start = System.nanoTime();
        do {
            generator.closedLoop(parallel, prompts.next(parallel), options.generateTokens());
        } while (System.nanoTime() - start < nanos);
    }

    private LoadResult load(LoadGenerator generator, BenchStep step, int each) {
        int count = step.units() * options.requests(each);
        List<int[]> all = prompts.next(count);
        Double rate = options.rate();
        return new LoadResult(
                rate == null
                        ? generator.closedLoop(step.units() * each, all, options.generateTokens())
                        : generator.openLoop(
                                PoissonArrivals.of(step.units() * rate, count, options.seed()),
                                all,
                                options.generateTokens()));
    }
}
