package io.github.panllama.bench.gpu;

import io.github.panllama.cli.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was measured so far, as {@code bench.json} and {@code bench.md} in a folder: whole at any time. */
final class GpuReport {
    private static final String FILE = "bench.json";

    private final Path folder;
    private final GpuMachine machine;
    private final Map<GpuSetting, GpuRun> runs = new LinkedHashMap<>();

    /**
     * A report without runs.
     *
     * @throws IOException if the folder cannot be made
     */
    GpuReport(Path folder, GpuMachine machine) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.machine = machine;
    }

    /**
     * Takes over what the folder's report has, if there is one.
     *
     * @throws IOException if it cannot be read, is damaged, or comes from another machine or other libraries
     */
    void resume() throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return;
        }
        try {
            Map<String, @Nullable Object> object = JsonText.object(Files.readString(file));
            Figures before = Objects.requireNonNullElse(Figures.in(object, "machine"), new Figures(Map.of()));
            machine.requireSame(before, file);
            for (Object run : object.get("runs") instanceof Collection<?> list ? list : List.of()) {
                take(run);
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("%s cannot be gone on with: %s".formatted(file, e.getMessage()), e);
        }
    }

    @SuppressWarnings("unchecked")
    private void take(Object run) {
        if (!(run instanceof Map<?, ?>)) {
            throw new IllegalArgumentException("a run is no object");
        }
        GpuRun taken = GpuRun.of((Map<String, @Nullable Object>) run);
        runs.put(taken.setting(), taken);
    }

    /** What is known of a setting. */
    GpuRun run(GpuSetting setting) {
        return Objects.requireNonNullElseGet(runs.get(setting), () -> GpuRun.of(setting));
    }

    /**
     * Writes what there is, before anything is measured for which there would be no place.
     *
     * @throws IOException if the files cannot be written; those of before stay
     */
    void begin() throws IOException {
        write();
    }

    /**
     * Puts a run in the place of that of the same setting, or at the end, and writes both files. Where that fails, as on a
     * disk that is full, it is told, and those of before stay: the next run is tried again, and the end.
     */
    void put(GpuRun run) {
        runs.put(run.setting(), run);
        try {
            write();
        } catch (IOException e) {
            GpuBench.note("the report cannot be written now: " + e);
        }
    }

    /**
     * The end: settings of the plan that were not measured are listed.
     *
     * @throws IOException if the files cannot be written; those of before stay
     */
    void end(List<GpuSetting> plan) throws IOException {
        plan.forEach(setting -> runs.put(setting, run(setting).ended()));
        write();
    }

    private void write() throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("machine", machine.facts());
        object.put(
                "runs", runs.values().stream().map(run -> run.fields(machine)).toList());
        replace(FILE, Json.write(object).replace("{\"model\": ", "\n{\"model\": ") + "\n");
        replace("bench.md", new RunText(machine, List.copyOf(runs.values())).text());
    }

    private void replace(String name, String content) throws IOException {
        Path part = folder.resolve(name + ".part");
        Files.writeString(part, content);
        Files.move(part, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
