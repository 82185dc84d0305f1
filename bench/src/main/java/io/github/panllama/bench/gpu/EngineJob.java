package io.github.panllama.bench.gpu;

import io.github.panllama.Device;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.cli.CardWatch;
import io.github.panllama.cli.MemoryPeaks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a {@link GpuWorker} does: it tells of the machine, or measures one model in some settings. */
final class EngineJob {
    private static final String MODEL = "the model";

    private final Figures request;
    private final Consumer<Map<String, @Nullable Object>> results;
    private final Deadline end;
    private final boolean cpu;
    private final List<LlamaModel> models = new ArrayList<>();

    private EngineJob(Figures request, Consumer<Map<String, @Nullable Object>> results) {
        this.request = request;
        this.results = results;
        end = Deadline.in(Duration.ofMillis(Math.round(request.number("seconds_left") * 1e3)));
        cpu = request.truth("cpu");
    }

    /**
     * Does it.
     *
     * @param request as {@link EngineBlock} and {@link GpuBench} write it
     * @param results are given each result
     */
    static void run(Figures request, Consumer<Map<String, @Nullable Object>> results) throws IOException {
        EngineJob job = new EngineJob(request, results);
        if (request.fields().containsKey("file")) {
            job.measure();
        } else {
            job.tellFacts();
        }
    }

    private void tellFacts() {
        try {
            results.accept(GpuWorker.line(
                    "facts", MachineFacts.of(cpu, texts("devices"), request.truth("measure_memory_speed"))));
        } catch (RuntimeException e) {
            results.accept(GpuWorker.line("fault", String.valueOf(e.getMessage())));
        }
    }

    private List<String> texts(String name) {
        return request.fields().get(name) instanceof Collection<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    @SuppressWarnings("unchecked")
    private List<GpuSetting> settings() {
        List<GpuSetting> settings = new ArrayList<>();
        if (request.fields().get("settings") instanceof Collection<?> list) {
            list.forEach(fields -> settings.add(GpuSetting.of((Map<String, @Nullable Object>) fields)));
        }
        return settings;
    }

    private void measure() throws IOException {
        Path file = Path.of(texts("file").getFirst());
        // Before a model is loaded: what is free on the devices then is what there is.
        MemoryPeaks memory = new MemoryPeaks();
        double javaWarmUp = request.number("java_warm_up_seconds");
        if (javaWarmUp > 0) {
            JavaWarmUp.run(javaWarmUp);
        }
        List<GpuSetting> settings = settings();
        Faults faults = new Faults();
        try {
            StepBytes bytes = StepBytes.of(file);
            load(file, settings.getFirst().copies());
            results.accept(GpuWorker.line("loaded", true));
            // An engine takes seconds to start: none is begun that would be closed at once.
            for (int i = 0; i < settings.size() && !end.isOver(); i++) {
                results.accept(GpuWorker.line("begun", i));
                measure(i, settings.get(i), bytes, memory);
            }
        } catch (CancellationException e) {
            faults.timeWasOver(MODEL);
        } catch (IOException | RuntimeException e) {
            faults.failed(MODEL, e.getMessage());
        } finally {
            models.forEach(LlamaModel::close);
        }
        if (faults.text() != null) {
            Map<String, @Nullable Object> line = GpuWorker.line("fault", faults.text());
            line.put("failed", faults.hasFailed());
            results.accept(line);
        }
    }

    private void load(Path file, int copies) {
        List<String> names = texts("devices");
        for (int i = 0; i < copies; i++) {
            ModelOptions.Builder options = ModelOptions.builder().progress(_ -> !end.isOver());
            if (cpu) {
                options.gpuLayers(0).devices(List.of());
            } else {
                options.gpuLayers(ModelOptions.ALL_LAYERS)
                        .devices(List.of(MachineFacts.named(names.get(i), Device.gpus())));
            }
            models.add(LlamaModel.load(file, options.build()));
        }
    }

    private void measure(int index, GpuSetting setting, StepBytes bytes, MemoryPeaks memory) {
        Faults faults = new Faults();
        Figures figures = null;
        EngineMeasurement.Pace pace = new EngineMeasurement.Pace(
                Math.round(request.number(index == 0 ? "warm_up_seconds" : "later_warm_up_seconds") * 1e9),
                request.number("load_seconds"));
        try (CardWatch cards = CardWatch.of(models)) {
            figures = new EngineMeasurement(models, bytes, cards, memory, setting, pace).measure(end, faults);
        } catch (RuntimeException e) {
            faults.failed("the engine", e.getMessage());
        }
        Map<String, @Nullable Object> line = GpuWorker.line("done", index);
        line.put("engine", figures == null ? null : figures.fields());
        line.put("fault", faults.text());
        line.put("failed", faults.hasFailed());
        results.accept(line);
    }
}
