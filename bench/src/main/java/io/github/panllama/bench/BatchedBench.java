package io.github.panllama.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** {@code llama-batched-bench}: decode alone, of random tokens, nothing sampled. A process for each run. */
final class BatchedBench {
    private static final Pattern SPEED = Pattern.compile("\"pl\": (\\d+),.*\"speed_tg\": ([0-9.]+)");

    private final Path program;
    private final Path model;

    BatchedBench(Path programs, Path model) {
        this.program = programs.resolve("llama-batched-bench");
        this.model = model;
    }

    /** Tokens that it decodes in a second: the median of as many phases as a round of the workload has. */
    double tokensPerSecond(PeerWorkload workload, PeerSetting setting) {
        String parallel = Integer.toString(workload.parallel());
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--model",
                model.toString(),
                "--ctx-size",
                Integer.toString(workload.contextSize()),
                "-npp",
                Integer.toString(workload.prompt()),
                "-ntg",
                Integer.toString(workload.generate()),
                "-npl",
                // Its log may lose its last line when it ends: that of a sequence more, which is not looked at.
                String.join(",", Collections.nCopies(workload.phases(), parallel)) + ",1",
                "--output-format",
                "jsonl"));
        command.addAll(setting.arguments());
        double[] speeds = SPEED.matcher(output(command))
                .results()
                .filter(found -> found.group(1).equals(parallel))
                .limit(workload.phases())
                .mapToDouble(found -> Double.parseDouble(found.group(2)))
                .toArray();
        if (speeds.length != workload.phases()) {
            throw new IllegalStateException(
                    "%s told %d speeds, not %d".formatted(String.join(" ", command), speeds.length, workload.phases()));
        }
        return Numbers.median(Arrays.stream(speeds));
    }

    private static String output(List<String> command) {
        try {
            Path log = Files.createTempFile("panllama-bench", ".log");
            try {
                Process process = Peers.start(Peers.process(command).redirectError(log.toFile()));
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int code = process.waitFor();
                if (code != 0) {
                    throw new IllegalStateException(
                            "%s ended with %d:%n%s".formatted(command.getFirst(), code, Files.readString(log)));
                }
                return output;
            } finally {
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
