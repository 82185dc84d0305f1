package io.github.panllama.bench.gpu;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.bench.gpu.GpuRun.Engine;
import io.github.panllama.bench.gpu.GpuRun.Peer;
import io.github.panllama.cli.CardWatch;
import io.github.panllama.cli.MemoryPeaks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Measures one setting after the other: the engine, and then its peer with the same work. A model stays loaded as long as
 * settings ask for it. When the time is over, what has begun is broken off.
 */
final class GpuMeasurement implements AutoCloseable {
    private final ModelOptions options;
    private final @Nullable PeerProgram program;
    private final long warmUpNanos;
    private final Deadline end;
    private final MemoryPeaks memory = new MemoryPeaks();
    private @Nullable Loaded loaded;

    /** The model that is loaded. */
    private record Loaded(BenchModel wanted, Path file, LlamaModel model, StepBytes bytes, CardWatch cards) {}

    /**
     * A measurement; begin it before a model is loaded, because what is free on the devices then is what there is.
     *
     * @param options models are loaded with
     * @param program the peer; {@code null} for none
     * @param end when the time is over
     */
    GpuMeasurement(ModelOptions options, @Nullable PeerProgram program, double warmUpSeconds, Deadline end) {
        this.options = options;
        this.program = program;
        this.warmUpNanos = Math.round(warmUpSeconds * 1e9);
        this.end = end;
    }

    /** Measures. What cannot be is told by the run, whatever the reason, so that it does not take others along. */
    GpuRun run(GpuSetting setting) {
        Faults faults = new Faults();
        Loaded now = load(setting.model(), faults);
        Engine engine = now == null ? null : engine(now, setting, faults);
        Peer peer = now == null || program == null ? null : peer(program, now, setting, engine, faults);
        return new GpuRun(setting, engine, peer, faults.text(), faults.hasFailed());
    }

    private @Nullable Loaded load(BenchModel wanted, Faults faults) {
        if (loaded != null && loaded.wanted.equals(wanted)) {
            return loaded;
        }
        close();
        try {
            Path file = wanted.file().get();
            StepBytes bytes = StepBytes.of(file);
            LlamaModel model = LlamaModel.load(file, options);
            loaded = new Loaded(wanted, file, model, bytes, CardWatch.of(model));
        } catch (CancellationException e) {
            faults.timeWasOver("the model");
        } catch (IOException | RuntimeException e) {
            faults.failed("the model", e.getMessage());
        }
        return loaded;
    }

    private @Nullable Engine engine(Loaded now, GpuSetting setting, Faults faults) {
        try {
            return new EngineMeasurement(now.model, now.bytes, now.cards, memory, setting)
                    .measure(warmUpNanos, end, faults);
        } catch (RuntimeException e) {
            faults.failed("the engine", e.getMessage());
            return null;
        }
    }

    private @Nullable Peer peer(
            PeerProgram peer, Loaded now, GpuSetting setting, @Nullable Engine engine, Faults faults) {
        try {
            return peer.measure(now.file, setting, engine == null ? null : engine.tuning(), end, faults);
        } catch (RuntimeException e) {
            faults.failed(PeerProgram.NAME, e.getMessage());
            return null;
        }
    }

    /** Gives a model up, and its file where it was written for this. */
    void release(BenchModel model) throws IOException {
        if (loaded != null && loaded.wanted.equals(model)) {
            close();
        }
        model.file().release();
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
