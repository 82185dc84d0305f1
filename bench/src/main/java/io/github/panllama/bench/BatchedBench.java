package io.github.panllama.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** {@code llama-batched-bench}: prefill and decode, of random tokens, nothing sampled. A process for each run. */
public final class BatchedBench {
    private static final Pattern SPEEDS = Pattern.compile(
            "\"pl\": (\\d+),.*\"speed_pp\": ([0-9.]+),.*\"speed_tg\": ([0-9.]+),.*\"speed\": ([0-9.]+)");

    private static final int TRIES = 3;

    private final Path program;
    private final Path model;

    /**
     * The program and its model.
     *
     * @param programs the folder of the program
     */
    public BatchedBench(Path programs, Path model) {
        this.program = programs.resolve("llama-batched-bench");
        this.model = model;
    }

    /**
     * What it told of one run.
     *
     * @param prompt tokens of prompts that it computed in a second
     * @param decode tokens that it decoded in a second
     * @param all both together, in a second
     */
    public record Speeds(double prompt, double decode, double all) {}

    /** Tokens that it decodes in a second: the median of as many phases as a round of the workload has. */
    double tokensPerSecond(PeerWorkload workload, PeerSetting setting) {
        return Numbers.median(measure(workload, workload.phases(), setting.arguments()).stream()
                .mapToDouble(Speeds::decode));
    }

    /**
     * Runs it, which loads the model. Its log may lose its last lines when it ends, so that there may be fewer speeds than
     * phases.
     *
     * @param phases how often the workload is measured
     * @param arguments more of its options
     * @throws IllegalStateException if it fails; the message has what it said
     */
    public List<Speeds> measure(PeerWorkload workload, int phases, List<String> arguments) {
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
                // The last line is the likeliest to be lost: that of a sequence more, which is not looked at.
                String.join(",", Collections.nCopies(phases, parallel)) + ",1",
                "--output-format",
                "jsonl"));
        command.addAll(arguments);
        for (int i = 0; i < TRIES; i++) {
            List<Speeds> speeds = SPEEDS.matcher(output(command))
                    .results()
                    .filter(found -> found.group(1).equals(parallel))
                    .limit(phases)
                    .map(found -> new Speeds(number(found, 2), number(found, 3), number(found, 4)))
                    .toList();
            if (!speeds.isEmpty()) {
                return speeds;
            }
        }
        throw new IllegalStateException(String.join(" ", command) + " told no speed");
    }

    private static double number(MatchResult found, int group) {
        return Double.parseDouble(found.group(group));
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
