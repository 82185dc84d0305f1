package io.github.panllama.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code llama-batched-bench}: prefill and decode, of random tokens, nothing sampled. A process for each run. */
public final class BatchedBench {
    private static final Pattern SPEEDS = Pattern.compile(
            "\"pl\": (\\d+),.*\"speed_pp\": ([0-9.]+),.*\"speed_tg\": ([0-9.]+),.*\"speed\": ([0-9.]+)");

    private static final int TRIES = 3;
    /** No benchmark of a small model takes as long. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private static final Duration DEATH = Duration.ofSeconds(10);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    private final Path program;
    private final Path model;
    private final List<Path> libraryFolders;

    /**
     * The program over the libraries that this JVM has loaded, and its model.
     *
     * @param programs the folder of the program
     */
    public BatchedBench(Path programs, Path model) {
        this(programs, model, Peers.libraryFolders());
    }

    /**
     * The program and its model.
     *
     * @param programs the folder of the program
     * @param libraryFolders of llama.cpp, and then of what it loads
     */
    public BatchedBench(Path programs, Path model, List<Path> libraryFolders) {
        this.program = programs.resolve("llama-batched-bench");
        this.model = model;
        this.libraryFolders = List.copyOf(libraryFolders);
    }

    /**
     * What it told of one run.
     *
     * @param prompt tokens of prompts that it computed in a second
     * @param decode tokens that it decoded in a second
     * @param all both together, in a second
     */
    public record Speeds(double prompt, double decode, double all) {}

    /**
     * What it told, and how it ended.
     *
     * @param speeds by the number of sequences; each in the order in which they were told
     * @param code with which it ended; {@code null} where it was ended
     * @param log what it said besides
     */
    public record Told(
            Map<Integer, List<Speeds>> speeds, @Nullable Integer code, String log) {
        /** Whether it ended by itself. */
        public boolean whole() {
            return code != null;
        }

        /** Whether it ended by itself, and not well. */
        public boolean failed() {
            return code != null && code != 0;
        }
    }

    /** Tokens that it decodes in a second: the median of as many phases as a round of the workload has. */
    double tokensPerSecond(PeerWorkload workload, PeerSetting setting) {
        return Numbers.median(measure(workload, workload.phases(), setting.arguments()).stream()
                .mapToDouble(Speeds::decode));
    }

    /**
     * Its log may lose its last lines when it ends, and it may be ended before, so that there may be fewer speeds than
     * phases.
     */
    private List<Speeds> measure(PeerWorkload workload, int phases, List<String> arguments) {
        long begin = System.nanoTime();
        for (int i = 0; i < TRIES; i++) {
            Duration left = LIMIT.minusNanos(System.nanoTime() - begin);
            Told told = measure(
                    workload.prompt(),
                    workload.generate(),
                    Collections.nCopies(phases, workload.parallel()),
                    arguments,
                    left,
                    _ -> {});
            if (told.failed()) {
                throw new IllegalStateException(
                        "%s ended with %d:%n%s".formatted(program.getFileName(), told.code, told.log));
            }
            List<Speeds> speeds = told.speeds.getOrDefault(workload.parallel(), List.of());
            if (!speeds.isEmpty()) {
                return speeds.subList(0, Math.min(phases, speeds.size()));
            }
            if (!told.whole()) {
                throw new IllegalStateException("%s told no speed within %.1f s and was ended"
                        .formatted(program.getFileName(), LIMIT.toMillis() / 1e3));
            }
        }
        throw new IllegalStateException(program + " told no speed");
    }

    /**
     * Runs it once: the model is loaded, and one context has room for the largest number of sequences. Its log may lose its
     * last lines when it ends. Whatever it told until it ended counts, however that was.
     *
     * @param prompt tokens of each sequence
     * @param generate tokens of each sequence
     * @param counts numbers of sequences, in the order in which they are measured; as often as each shall be measured
     * @param arguments more of its options
     * @param limit after which it is ended
     * @param listener is given what it has told so far, again and again
     */
    public Told measure(
            int prompt, int generate, List<Integer> counts, List<String> arguments, Duration limit, Listener listener) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--model",
                model.toString(),
                "--ctx-size",
                Integer.toString(Math.multiplyExact(Collections.max(counts), prompt + generate)),
                "-npp",
                Integer.toString(prompt),
                "-ntg",
                Integer.toString(generate),
                "-npl",
                // The last line is the likeliest to be lost: that of a sequence more.
                counts.stream().map(String::valueOf).collect(Collectors.joining(",")) + ",1",
                "--output-format",
                "jsonl"));
        command.addAll(arguments);
        Set<Integer> wanted = Set.copyOf(counts);
        try {
            Path output = Files.createTempFile("panllama-bench", ".jsonl");
            Path log = Files.createTempFile("panllama-bench", ".log");
            try {
                ProcessBuilder builder = Peers.process(Peers.bound(command), libraryFolders)
                        .redirectOutput(output.toFile())
                        .redirectError(log.toFile());
                Integer code = run(builder, limit, () -> listener.told(speeds(output, wanted)));
                return new Told(speeds(output, wanted), code, Files.readString(log));
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

    private static Map<Integer, List<Speeds>> speeds(Path output, Set<Integer> wanted) throws IOException {
        Map<Integer, List<Speeds>> speeds = new LinkedHashMap<>();
        SPEEDS.matcher(Files.readString(output)).results().forEach(found -> {
            int count = Integer.parseInt(found.group(1));
            if (wanted.contains(count)) {
                speeds.computeIfAbsent(count, _ -> new ArrayList<>())
                        .add(new Speeds(number(found, 2), number(found, 3), number(found, 4)));
            }
        });
        return speeds;
    }

    private static double number(MatchResult found, int group) {
        return Double.parseDouble(found.group(group));
    }

    /** Is given what was told so far. */
    public interface Listener {
        /**
         * Looks at it.
         *
         * @param speeds by the number of sequences
         * @throws IOException if what comes of it cannot be written
         */
        void told(Map<Integer, List<Speeds>> speeds) throws IOException;
    }

    private interface Look {
        void look() throws IOException;
    }

    /** Its exit code; {@code null} where it was ended. */
    private static @Nullable Integer run(ProcessBuilder builder, Duration limit, Look look)
            throws IOException, InterruptedException {
        Process process = Peers.start(builder);
        long begin = System.nanoTime();
        try {
            while (true) {
                Duration left = limit.minusNanos(System.nanoTime() - begin);
                if (!left.isPositive()) {
                    return null;
                }
                if (process.waitFor(left.compareTo(BETWEEN_LOOKS) < 0 ? left : BETWEEN_LOOKS)) {
                    return process.exitValue();
                }
                look.look();
            }
        } finally {
            // What it has taken of a device has to be free again: the shell waits for it. A process that hangs in its
            // driver
            // may never end.
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            if (!process.waitFor(DEATH)) {
                process.destroyForcibly();
            }
        }
    }
}
