package io.github.panllama.bench;

import io.github.panllama.LlamaModel;
import io.github.panllama.cli.bench.EngineTarget;
import io.github.panllama.cli.bench.LoadGenerator;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.cli.bench.Prompts;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.LlamaEngine;
import java.util.stream.DoubleStream;

/** The engine with its own defaults, and room for the workload. */
final class EngineSide implements AutoCloseable {
    private static final long WARM_UP_NANOS = 5_000_000_000L;

    private final PeerWorkload workload;
    private final LlamaEngine engine;
    private final LoadGenerator generator;
    private final Prompts prompts;

    EngineSide(LlamaModel model, PeerWorkload workload, Prompts prompts) {
        this.workload = workload;
        this.prompts = prompts;
        engine = LlamaEngine.start(
                model, EngineOptions.builder().sequences(workload.parallel()).build());
        generator = new LoadGenerator(new EngineTarget(engine), count -> {});
    }

    /** Until the JIT compiler has done what it will do. */
    void warmUp() {
        long start = System.nanoTime();
        do {
            outputTokensPerSecond();
        } while (System.nanoTime() - start < WARM_UP_NANOS);
    }

    /** Decode alone: the median of as many phases as a round of the workload has. */
    double decodeTokensPerSecond() {
        return Numbers.median(DoubleStream.generate(this::phase).limit(workload.phases()));
    }

    private double phase() {
        return PhaseSpeeds.measure(generator, prompts.next(workload.parallel()), workload.generate())
                .generation()
                .orElseThrow();
    }

    double outputTokensPerSecond() {
        return outputTokensPerSecond(generator, workload, prompts);
    }

    /** Prompts and decode together, under load. */
    static double outputTokensPerSecond(LoadGenerator generator, PeerWorkload workload, Prompts prompts) {
        return new LoadResult(generator.closedLoop(
                        workload.parallel(), prompts.next(workload.requests()), workload.generate()))
                .outputTokensPerSecond();
    }

    @Override
    public void close() {
        engine.close();
    }
}
