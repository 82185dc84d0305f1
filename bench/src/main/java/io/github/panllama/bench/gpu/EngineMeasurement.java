package io.github.panllama.bench.gpu;

import io.github.panllama.LlamaModel;
import io.github.panllama.bench.gpu.GpuRun.Engine;
import io.github.panllama.cli.BenchCards;
import io.github.panllama.cli.CardWatch;
import io.github.panllama.cli.MemoryPeaks;
import io.github.panllama.cli.bench.EngineTarget;
import io.github.panllama.cli.bench.LoadGenerator;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.cli.bench.Prompts;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.LlamaEngine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Measures the engine in a setting: prefill and decode alone, and then a load of requests. */
final class EngineMeasurement {
    private static final int SEED = 1;
    /** Rooms of the KV cache are multiples of this, as llama.cpp makes them. */
    private static final int ROOM_UNIT = 256;

    private static final int WARM_UP_TOKENS = 16;
    private static final int WARM_UP_PROMPT = 128;
    private static final int LEAST_REQUESTS = 8;
    /** From so many sequences on, a load has one round of them, before that two. */
    private static final int ONE_ROUND = 128;

    private final LlamaModel model;
    private final StepBytes bytes;
    private final CardWatch cards;
    private final MemoryPeaks memory;
    private final GpuSetting setting;
    private final List<PhaseSpeeds> phases = new ArrayList<>();
    private CardWatch.@Nullable Watched<LoadResult> load;

    /**
     * A measurement.
     *
     * @param bytes that the model's steps read
     * @param cards on which the model computes
     * @param memory begun before the model was loaded
     */
    EngineMeasurement(LlamaModel model, StepBytes bytes, CardWatch cards, MemoryPeaks memory, GpuSetting setting) {
        this.model = model;
        this.bytes = bytes;
        this.cards = cards;
        this.memory = memory;
        this.setting = setting;
    }

    /**
     * Measures. When the time is over, the engine is closed and what was measured stays.
     *
     * @param faults is told of it
     * @return the figures; {@code null} where there is none
     */
    @Nullable
    Engine measure(long warmUpNanos, Deadline end, Faults faults) {
        memory.reset();
        try (LlamaEngine engine = LlamaEngine.start(model, options());
                EngineCut cut = new EngineCut(engine, end)) {
            EngineStats stats = engine.stats();
            try {
                measure(engine, warmUpNanos);
            } catch (RuntimeException e) {
                if (!cut.isOver()) {
                    throw e;
                }
                faults.timeWasOver("the engine");
            }
            return phases.isEmpty() ? null : figures(stats);
        }
    }

    private void measure(LlamaEngine engine, long warmUpNanos) {
        LoadGenerator generator = new LoadGenerator(new EngineTarget(engine), count -> {});
        warmUp(generator, warmUpNanos);
        Prompts prompts = new Prompts(model.tokenizer(), setting.prompt(), 0, SEED);
        for (int i = 0; i < setting.phases(); i++) {
            phases.add(PhaseSpeeds.measure(generator, prompts.next(setting.parallel()), setting.generate()));
        }
        memory.look();
        List<int[]> requests = prompts.next(requests());
        load = cards.during(
                () -> new LoadResult(generator.closedLoop(setting.parallel(), requests, setting.generate())));
        memory.look();
    }

    private Engine figures(EngineStats stats) {
        OptionalLong cacheBytes = model.kvCacheBytesPerToken(setting.cache(), setting.cache());
        LoadResult result = load == null ? null : load.result();
        return new Engine(
                median(),
                result,
                stats.tuning(),
                stats.cells(),
                cacheBytes,
                bytes.of(setting, cacheBytes),
                MemoryPeaks.host(),
                memory.devices(),
                load == null
                        ? new BenchCards(List.of(), 0)
                        : new BenchCards(load.usages(), load.result().generatedTokens()));
    }

    private EngineOptions options() {
        EngineOptions.Builder builder = EngineOptions.builder()
                .sequences(setting.parallel())
                .queueCapacity(requests())
                .context(setting::apply);
        if (setting.room() == GpuSetting.Room.SIZED) {
            // Decode alone is measured with a prompt that is a token longer.
            int room = Math.ceilDiv(setting.prompt() + 1 + setting.generate(), ROOM_UNIT) * ROOM_UNIT;
            builder.contextSize(Math.multiplyExact(setting.parallel(), room));
        }
        return builder.build();
    }

    private void warmUp(LoadGenerator generator, long nanos) {
        Prompts prompts = new Prompts(model.tokenizer(), Math.min(WARM_UP_PROMPT, setting.prompt()), 0, SEED + 1);
        int tokens = Math.min(WARM_UP_TOKENS, setting.generate());
        long start = System.nanoTime();
        do {
            generator.closedLoop(setting.parallel(), prompts.next(setting.parallel()), tokens);
        } while (System.nanoTime() - start < nanos);
    }

    /** Of the phases, the one whose decode is the median. */
    private PhaseSpeeds median() {
        return phases.stream()
                .sorted(Comparator.comparingDouble(
                        (PhaseSpeeds speeds) -> speeds.generation().orElse(0)))
                .toList()
                .get(phases.size() / 2);
    }

    private int requests() {
        int rounds = setting.parallel() < ONE_ROUND ? 2 : 1;
        return Math.max(LEAST_REQUESTS, rounds * setting.parallel());
    }
}
