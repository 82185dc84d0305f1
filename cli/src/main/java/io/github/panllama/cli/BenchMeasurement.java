package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
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

/** Measures a model at one number of requests in flight after the other, each with an engine of its own. */
final class BenchMeasurement {
    /** Requests up to so many tokens have room by the engine's default. */
    private static final int ENGINE_DEFAULT = 2048;

    private final BenchOptions options;
    private final MachineFlags machine;
    private final LlamaModel model;
    private final MemoryPeaks memory;
    private final CardWatch cards;
    private final Prompts prompts;

    BenchMeasurement(
            BenchOptions options, MachineFlags machine, LlamaModel model, MemoryPeaks memory, CardWatch cards) {
        this.options = options;
        this.machine = machine;
        this.model = model;
        this.memory = memory;
        this.cards = cards;
        prompts = new Prompts(model.tokenizer(), options.promptTokens(), options.sharedPrefix(), options.seed());
    }

    /**
     * Measures.
     *
     * @param progress is told how many of the requests of the load have ended
     */
    BenchRun run(int parallel, IntConsumer progress, Interruption interruption) {
        memory.reset();
        try (LlamaEngine engine = UsageException.checking(() -> LlamaEngine.start(model, engineOptions(parallel)))) {
            EngineTarget target = new EngineTarget(engine);
            LoadGenerator quiet = new LoadGenerator(target, count -> {});
            LoadGenerator shown = new LoadGenerator(target, progress);
            return interruption.during(() -> end(engine, quiet, shown), () -> {
                warmUp(quiet, parallel);
                PhaseSpeeds phases = PhaseSpeeds.measure(quiet, prompts.next(parallel), options.generateTokens());
                memory.look();
                CardWatch.Watched<LoadResult> watched = cards.during(() -> load(shown, parallel));
                LoadResult load = watched.result();
                memory.look();
                EngineStats stats = engine.stats();
                return new BenchRun(
                        parallel,
                        stats.cells(),
                        stats.tuning(),
                        phases,
                        load,
                        MemoryPeaks.host(),
                        memory.devices(),
                        new BenchCards(watched.usages(), load.generatedTokens()));
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

    private EngineOptions engineOptions(int parallel) {
        int sequences = Math.ceilDiv(parallel, options.replicas());
        EngineOptions.Builder builder = EngineOptions.builder()
                .replicas(options.replicas())
                .sequences(sequences)
                .queueCapacity(options.requests(parallel))
                .context(machine::apply);
        Integer context = options.context();
        if (context != null) {
            builder.contextSize(context / options.replicas());
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

    private LoadResult load(LoadGenerator generator, int parallel) {
        int count = options.requests(parallel);
        List<int[]> all = prompts.next(count);
        Double rate = options.rate();
        return new LoadResult(
                rate == null
                        ? generator.closedLoop(parallel, all, options.generateTokens())
                        : generator.openLoop(
                                PoissonArrivals.of(rate, count, options.seed()), all, options.generateTokens()));
    }
}
