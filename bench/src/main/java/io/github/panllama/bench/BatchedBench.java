package io.github.panllama.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    /** No benchmark of a small model takes as long. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private static final Duration DEATH = Duration.ofSeconds(10);

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
        return Numbers.median(measure(workload, workload.phases(), setting.arguments(), LIMIT).stream()
                .mapToDouble(Speeds::decode));
    }

    /**
     * Runs it, which loads the model. Its log may lose its last lines when it ends, and it may be ended before, so that there
     * may be fewer speeds than phases.
     *
     * @param phases how often the workload is measured
     * @param arguments more of its options
     * @param limit after which it is ended; what it told until then counts
     * @throws PeerTimeoutException if it had told nothing then
     * @throws IllegalStateException if it fails; the message has what it said
     */
    public List<Speeds> measure(PeerWorkload workload, int phases, List<String> arguments, Duration limit) {
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
        long begin = System.nanoTime();
        for (int i = 0; i < TRIES; i++) {
            Duration left = limit.minusNanos(System.nanoTime() - begin);
            Told told = run(command, left);
            List<Speeds> speeds = SPEEDS.matcher(told.text)
                    .results()
                    .filter(found -> found.group(1).equals(parallel))
                    .limit(phases)
                    .map(found -> new Speeds(number(found, 2), number(found, 3), number(found, 4)))
                    .toList();
            if (!speeds.isEmpty()) {
                return speeds;
            }
            if (!told.whole) {
                throw new PeerTimeoutException(String.valueOf(program.getFileName()), limit);
            }
        }
        throw new IllegalStateException(String.join(" ", command) + " told no speed");
    }

    private static double number(MatchResult found, int group) {
        return Double.parseDouble(found.group(group));
    }

    /** What it said, and whether it came to its end. */
    private record Told(String text, boolean whole) {}

    private static Told run(List<String> command, Duration limit) {
        try {
            Path output = Files.createTempFile("panllama-bench", ".jsonl");
            Path log = Files.createTempFile("panllama-bench", ".log");
            try {
                boolean whole = run(
                        Peers.process(command).redirectOutput(output.toFile()).redirectError(log.toFile()), log, limit);
                return new Told(Files.readString(output), whole);
            } finally {
                Files.deleteIfExists(output);
                Files.deleteIfExists(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether the process ended by itself. */
    private static boolean run(ProcessBuilder builder, Path log, Duration limit)
            throws IOException, InterruptedException {
        Process process = Peers.start(builder);
        try {
            boolean ended = process.waitFor(limit);
            if (ended && process.exitValue() != 0) {
                throw new IllegalStateException("%s ended with %d:%n%s"
                        .formatted(builder.command().getFirst(), process.exitValue(), Files.readString(log)));
            }
            return ended;
        } finally {
            process.destroyForcibly();
            // What it has taken of a device has to be free again; a process that hangs in its driver may never end.
            boolean _ = process.waitFor(DEATH);
        }
    }
}
