package io.github.panllama.bench.gpu;

import io.github.panllama.LlamaModel;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures the engine in a setting: prefill and decode alone, and then a load of requests. */
final class EngineMeasurement {
    private static final String WHO = "the engine";
    private static final int SEED = 1;
    /** Rooms of the KV cache are multiples of this, as llama.cpp makes them. */
    private static final int ROOM_UNIT = 256;

    private static final int WARM_UP_TOKENS = 16;
    private static final int WARM_UP_PROMPT = 128;
    private static final int LEAST_REQUESTS = 8;
    /** From so many sequences on, a load has one round of them at least, before that two. */
    private static final int ONE_ROUND = 128;

    private static final int MOST_ROUNDS = 64;

    private final List<LlamaModel> models;
    private final StepBytes bytes;
    private final CardWatch cards;
    private final MemoryPeaks memory;
    private final GpuSetting setting;
    private final Pace pace;
    private final List<PhaseSpeeds> phases = new ArrayList<>();
    private CardWatch.@Nullable Watched<LoadResult> load;
    private @Nullable Map<String, @Nullable Object> steps;

    /**
     * How long it takes.
     *
     * @param warmUpNanos of the warm-up at least
     * @param loadSeconds of the load about, where one round of requests does not take longer
     */
    record Pace(long warmUpNanos, double loadSeconds) {}

    /**
     * A measurement.
     *
     * @param models a copy for each device
     * @param bytes that the model's steps read
     * @param cards on which the models compute
     * @param memory begun before they were loaded
     */
    EngineMeasurement(
            List<LlamaModel> models,
            StepBytes bytes,
            CardWatch cards,
            MemoryPeaks memory,
            GpuSetting setting,
            Pace pace) {
        this.models = models;
        this.bytes = bytes;
        this.cards = cards;
        this.memory = memory;
        this.setting = setting;
        this.pace = pace;
    }

    /**
     * Measures. When the time is over, the engine is closed; then, and where something fails, what was measured stays.
     *
     * @param faults is told of it
     * @return the figures; {@code null} where there is none
     */
    @Nullable
    Figures measure(Deadline end, Faults faults) {
        memory.reset();
        try (LlamaEngine engine = LlamaEngine.start(models, options());
                EngineCut cut = new EngineCut(engine, end)) {
            EngineStats before = engine.stats();
            EngineStats after = before;
            try {
                measure(engine);
                after = engine.stats();
            } catch (RuntimeException e) {
                if (cut.isOver()) {
                    faults.timeWasOver(WHO);
                } else {
                    faults.failed(WHO, e.getMessage());
                }
            }
            return phases.isEmpty() ? null : figures(before, after);
        }
    }

    private void measure(LlamaEngine engine) {
        int clients = setting.parallel() * setting.copies();
        LoadGenerator generator = new LoadGenerator(new EngineTarget(engine), count -> {});
        warmUp(generator, clients);
        Prompts prompts = new Prompts(models.getFirst().tokenizer(), setting.prompt(), 0, SEED);
        for (int i = 0; i < setting.phases(); i++) {
            phases.add(PhaseSpeeds.measure(generator, prompts.next(clients), setting.generate()));
        }
        memory.look();
        List<int[]> requests = prompts.next(requests(clients));
        try (StepProfile profile = StepProfile.begin()) {
            load = cards.during(() -> new LoadResult(generator.closedLoop(clients, requests, setting.generate())));
            steps = profile.end(setting.parallel());
        }
        memory.look();
    }

    private Figures figures(EngineStats before, EngineStats after) {
        EngineFigures figures = new EngineFigures(setting, median(), before.tuning(), before.cells());
        figures.put(models.getFirst().kvCacheBytesPerToken(setting.cache(), setting.cache()), bytes);
        figures.put(load == null ? null : load.result(), load == null ? List.of() : load.usages());
        figures.put(memory);
        figures.put("step_ms", steps);
        figures.put("device_sampled", after.deviceSampled());
        figures.put("host_sampled", after.hostSampled());
        return figures.all();
    }

    private EngineOptions options() {
        EngineOptions.Builder builder =
                EngineOptions.builder().queueCapacity(setting.copies() * Math.max(LEAST_REQUESTS, setting.parallel()));
        setting.apply(builder);
        if (setting.room() == GpuSetting.Room.SIZED) {
            // Decode alone is measured with a prompt that is a token longer.
            int room = Math.ceilDiv(setting.prompt() + 1 + setting.generate(), ROOM_UNIT) * ROOM_UNIT;
            builder.contextSize(Math.multiplyExact(setting.parallel(), room));
        }
        return builder.build();
    }

    private void warmUp(LoadGenerator generator, int clients) {
        Prompts prompts =
                new Prompts(models.getFirst().tokenizer(), Math.min(WARM_UP_PROMPT, setting.prompt()), 0, SEED + 1);
        int tokens = Math.min(WARM_UP_TOKENS, setting.generate());
        long start = System.nanoTime();
        do {
            generator.closedLoop(clients, prompts.next(clients), tokens);
        } while (System.nanoTime() - start < pace.warmUpNanos());
    }

    /** Of the phases, the one whose decode is the median. */
    private PhaseSpeeds median() {
        return phases.stream()
                .sorted(Comparator.comparingDouble(
                        (PhaseSpeeds speeds) -> speeds.generation().orElse(0)))
                .toList()
                .get(phases.size() / 2);
    }

    /** As many as take the time of a load, by what the phases took; whole rounds, so that none waits alone for the last. */
    private int requests(int clients) {
        PhaseSpeeds speeds = median();
        double round = clients
                * (setting.prompt() / speeds.prompt()
                        + setting.generate() / speeds.generation().orElse(Double.POSITIVE_INFINITY));
        int least = setting.parallel() < ONE_ROUND ? 2 : 1;
        int rounds = Math.clamp((long) Math.ceil(pace.loadSeconds() / round), least, MOST_ROUNDS);
        return Math.max(LEAST_REQUESTS, rounds * clients);
    }
}
