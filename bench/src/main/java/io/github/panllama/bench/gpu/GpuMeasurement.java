package io.github.panllama.bench.gpu;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.bench.gpu.GpuRun.Engine;
import io.github.panllama.bench.gpu.GpuRun.Peer;
import io.github.panllama.cli.BenchCards;
import io.github.panllama.cli.CardWatch;
import io.github.panllama.cli.CardWatch.Watched;
import io.github.panllama.cli.MemoryPeaks;
import io.github.panllama.cli.bench.EngineTarget;
import io.github.panllama.cli.bench.LoadGenerator;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.cli.bench.Prompts;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.LlamaEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures one setting after the other: the engine, and then its peer with the same work. A model stays loaded as long as
 * settings ask for it.
 */
final class GpuMeasurement implements AutoCloseable {
    private static final int SEED = 1;
    /** Rooms of the KV cache are multiples of this, as llama.cpp makes them. */
    private static final int ROOM_UNIT = 256;

    private static final int WARM_UP_TOKENS = 16;
    private static final int WARM_UP_PROMPT = 128;
    /** Small runs are measured more often. */
    private static final int MOST_PHASES = 3;

    private static final int PHASE_SEQUENCES = 16;
    private static final int LEAST_REQUESTS = 8;
    /** From so many sequences on, a load has one round of them, before that two. */
    private static final int ONE_ROUND = 128;

    private final ModelOptions options;
    private final @Nullable PeerProgram program;
    private final long warmUpNanos;
    private final MemoryPeaks memory = new MemoryPeaks();
    private @Nullable Loaded loaded;

    /** The model that is loaded. */
    private record Loaded(BenchModel wanted, Path file, LlamaModel model, StepBytes bytes, CardWatch cards) {}

    /**
     * A measurement; begin it before a model is loaded, because what is free on the devices then is what there is.
     *
     * @param options models are loaded with
     * @param program the peer; {@code null} for none
     */
    GpuMeasurement(ModelOptions options, @Nullable PeerProgram program, double warmUpSeconds) {
        this.options = options;
        this.program = program;
        this.warmUpNanos = Math.round(warmUpSeconds * 1e9);
    }

    /** Measures. What cannot be is told by the run, whatever the reason, so that it does not take others along. */
    GpuRun run(GpuSetting setting) {
        Loaded now;
        try {
            now = load(setting.model());
        } catch (IOException | RuntimeException e) {
            return GpuRun.failed(setting, "the model: " + e.getMessage());
        }
        Engine engine = null;
        String fault = null;
        try {
            engine = engine(now, setting);
        } catch (RuntimeException e) {
            fault = "the engine: " + e.getMessage();
        }
        Peer peer = null;
        if (program != null) {
            try {
                peer = program.measure(now.file, setting, engine == null ? null : engine.tuning(), phases(setting));
            } catch (RuntimeException e) {
                fault = (fault == null ? "" : fault + "; ") + "llama-batched-bench: " + e.getMessage();
            }
        }
        return new GpuRun(setting, engine, peer, fault);
    }

    private Loaded load(BenchModel wanted) throws IOException {
        Loaded now = loaded;
        if (now != null && now.wanted.equals(wanted)) {
            return now;
        }
        close();
        Path file = wanted.file().get();
        StepBytes bytes = StepBytes.of(file);
        LlamaModel model = LlamaModel.load(file, options);
        now = new Loaded(wanted, file, model, bytes, CardWatch.of(model));
        loaded = now;
        return now;
    }

    private Engine engine(Loaded now, GpuSetting setting) {
        memory.reset();
        try (LlamaEngine engine = LlamaEngine.start(now.model, engineOptions(setting))) {
            LoadGenerator generator = new LoadGenerator(new EngineTarget(engine), count -> {});
            warmUp(generator, now.model, setting);
            Prompts prompts = new Prompts(now.model.tokenizer(), setting.prompt(), 0, SEED);
            PhaseSpeeds phases = median(generator, prompts, setting);
            memory.look();
            List<int[]> requests = prompts.next(requests(setting));
            Watched<LoadResult> watched = now.cards.during(
                    () -> new LoadResult(generator.closedLoop(setting.parallel(), requests, setting.generate())));
            LoadResult load = watched.result();
            memory.look();
            EngineStats stats = engine.stats();
            OptionalLong cacheBytes = now.model.kvCacheBytesPerToken(setting.cache(), setting.cache());
            return new Engine(
                    phases,
                    load,
                    stats.tuning(),
                    stats.cells(),
                    cacheBytes,
                    now.bytes.of(setting, cacheBytes),
                    MemoryPeaks.host(),
                    memory.devices(),
                    new BenchCards(watched.usages(), load.generatedTokens()));
        }
    }

    private static EngineOptions engineOptions(GpuSetting setting) {
        EngineOptions.Builder builder = EngineOptions.builder()
                .sequences(setting.parallel())
                .queueCapacity(requests(setting))
                .context(setting::apply);
        if (setting.room() == GpuSetting.Room.SIZED) {
            // Decode alone is measured with a prompt that is a token longer.
            int room = Math.ceilDiv(setting.prompt() + 1 + setting.generate(), ROOM_UNIT) * ROOM_UNIT;
            builder.contextSize(Math.multiplyExact(setting.parallel(), room));
        }
        return builder.build();
    }

    private void warmUp(LoadGenerator generator, LlamaModel model, GpuSetting setting) {
        Prompts prompts = new Prompts(model.tokenizer(), Math.min(WARM_UP_PROMPT, setting.prompt()), 0, SEED + 1);
        int tokens = Math.min(WARM_UP_TOKENS, setting.generate());
        long start = System.nanoTime();
        do {
            generator.closedLoop(setting.parallel(), prompts.next(setting.parallel()), tokens);
        } while (System.nanoTime() - start < warmUpNanos);
    }

    /** Of some measurements, the one whose decode is the median. */
    private static PhaseSpeeds median(LoadGenerator generator, Prompts prompts, GpuSetting setting) {
        List<PhaseSpeeds> all = Stream.generate(
                        () -> PhaseSpeeds.measure(generator, prompts.next(setting.parallel()), setting.generate()))
                .limit(phases(setting))
                .sorted(Comparator.comparingDouble(
                        (PhaseSpeeds speeds) -> speeds.generation().orElse(0)))
                .toList();
        return all.get(all.size() / 2);
    }

    private static int phases(GpuSetting setting) {
        return Math.clamp(PHASE_SEQUENCES / setting.parallel(), 1, MOST_PHASES);
    }

    private static int requests(GpuSetting setting) {
        int rounds = setting.parallel() < ONE_ROUND ? 2 : 1;
        return Math.max(LEAST_REQUESTS, rounds * setting.parallel());
    }

    @Override
    public void close() {
        if (loaded != null) {
            loaded.cards.close();
            loaded.model.close();
            loaded = null;
        }
    }
}
