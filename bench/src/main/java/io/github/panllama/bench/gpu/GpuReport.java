package io.github.panllama.bench.gpu;

import io.github.panllama.cli.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was measured so far, as {@code bench.json} and {@code bench.md} in a folder: whole at any time. */
final class GpuReport {
    private final Path folder;
    private final GpuMachine machine;
    private final List<GpuRun> runs = new ArrayList<>();

    /**
     * A report without runs.
     *
     * @throws IOException if the folder cannot be made
     */
    GpuReport(Path folder, GpuMachine machine) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.machine = machine;
    }

    List<GpuRun> runs() {
        return List.copyOf(runs);
    }

    /**
     * Adds a run and writes both files.
     *
     * @throws IOException if they cannot be written; those of before stay
     */
    void add(GpuRun run) throws IOException {
        runs.add(run);
        write();
    }

    /**
     * Writes both files as they are now.
     *
     * @throws IOException if they cannot be written; those of before stay
     */
    void write() throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("machine", machine.facts());
        object.put("runs", runs.stream().map(run -> RunJson.of(run, machine)).toList());
        replace("bench.json", Json.write(object) + "\n");
        replace("bench.md", new RunText(machine, runs).text());
    }

    private void replace(String name, String content) throws IOException {
        Path part = folder.resolve(name + ".part");
        Files.writeString(part, content);
        Files.move(part, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
