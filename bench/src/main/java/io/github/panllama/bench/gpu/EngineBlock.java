package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of one model that a process measures one after the other. Where that ends before its time, the setting that it
 * had begun has failed, and another process goes on with the next one.
 */
final class EngineBlock {
    private static final String WHO = "the engine";
    /** What a process may take longer than it was told, to end what it has begun. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Conditions conditions;
    private final Path log;
    private final Deadline end;
    private final Duration limit;
    private final Results results;
    private boolean failed;
    private int at;

    /**
     * What is the same for all blocks of a run.
     *
     * @param cpu whether models are on the CPU
     * @param devices names of GPUs; as many as a setting has copies are used
     * @param javaWarmUpSeconds of {@link JavaWarmUp}; 0 for none
     * @param warmUpSeconds for the first setting of a process at least
     * @param laterWarmUpSeconds for those after it
     * @param loadSeconds that a load takes about
     */
    record Conditions(
            boolean cpu,
            List<String> devices,
            double javaWarmUpSeconds,
            double warmUpSeconds,
            double laterWarmUpSeconds,
            double loadSeconds) {
        Conditions {
            devices = List.copyOf(devices);
        }
    }

    /** Gets each result, as soon as it is there. */
    interface Results {
        void accept(GpuSetting setting, @Nullable Figures engine, @Nullable String fault) throws IOException;
    }

    /**
     * A block.
     *
     * @param log of the processes' errors
     * @param end when the time is over
     * @param limit how long a setting may take
     */
    EngineBlock(Conditions conditions, Path log, Deadline end, Duration limit, Results results) {
        this.conditions = conditions;
        this.log = log;
        this.end = end;
        this.limit = limit;
        this.results = results;
    }

    /**
     * Measures.
     *
     * @param settings with the same number of copies, and that need the same environment
     * @return whether something has failed, which was told as a fault
     */
    boolean measure(Path file, List<GpuSetting> settings) throws IOException {
        at = 0;
        failed = false;
        while (at < settings.size() && !end.isOver()) {
            if (!measureRest(file, settings.subList(at, settings.size()))) {
                break;
            }
        }
        return failed;
    }

    /** Answers whether it makes sense to go on. */
    private boolean measureRest(Path file, List<GpuSetting> rest) throws IOException {
        boolean loaded = false;
        int first = at;
        try (WorkerProcess worker = WorkerProcess.start(
                request(file, rest), rest.getFirst().variant().environment(), log)) {
            // What has begun tells what it has; nothing else is waited for once the time is over.
            boolean begun = true;
            while (at < first + rest.size() && (begun || !end.isOver())) {
                Figures line =
                        worker.next(shorter(limit, end.left().plus(GRACE))).orElse(null);
                if (line == null) {
                    endedEarly(rest, at - first, loaded, worker.end());
                    return loaded;
                }
                loaded |= line.fields().containsKey("loaded");
                begun = !line.fields().containsKey("done");
                if (line.fields().containsKey("done")) {
                    accept(rest.get(at - first), line);
                    at++;
                } else if (line.fields().containsKey("fault")) {
                    // The model cannot be loaded: for none of them, unless it was for want of time.
                    int all = line.truth("failed") ? rest.size() : 1;
                    for (GpuSetting setting : rest.subList(0, all)) {
                        accept(setting, line);
                    }
                    return false;
                }
            }
            worker.letEnd();
        } catch (WorkerProcess.SilentException e) {
            endedEarly(rest, at - first, loaded, String.valueOf(e.getMessage()));
            return loaded;
        }
        return true;
    }

    private void accept(GpuSetting setting, Figures line) throws IOException {
        failed |= line.truth("failed");
        Object fault = line.fields().get("fault");
        results.accept(setting, Figures.in(line.fields(), "engine"), fault == null ? null : fault.toString());
    }

    private void endedEarly(List<GpuSetting> rest, int begun, boolean loaded, String why) throws IOException {
        if (end.isOver()) {
            results.accept(rest.get(begun), null, WHO + ": the time was over");
        } else {
            fail(rest, begun, loaded, why);
        }
    }

    /** The one that had begun; all of them where not even the model was loaded. */
    private void fail(List<GpuSetting> rest, int begun, boolean loaded, String why) throws IOException {
        failed = true;
        for (GpuSetting setting : loaded ? List.of(rest.get(begun)) : rest) {
            results.accept(setting, null, (loaded ? WHO : "the model") + ": " + why);
        }
        at++;
    }

    private Map<String, @Nullable Object> request(Path file, List<GpuSetting> settings) {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("file", List.of(file.toAbsolutePath().toString()));
        request.put("cpu", conditions.cpu());
        request.put("devices", conditions.devices());
        request.put("seconds_left", end.left().toMillis() / 1e3);
        request.put("java_warm_up_seconds", conditions.javaWarmUpSeconds());
        request.put("warm_up_seconds", conditions.warmUpSeconds());
        request.put("later_warm_up_seconds", conditions.laterWarmUpSeconds());
        request.put("load_seconds", conditions.loadSeconds());
        request.put("settings", settings.stream().map(GpuSetting::fields).toList());
        return request;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
