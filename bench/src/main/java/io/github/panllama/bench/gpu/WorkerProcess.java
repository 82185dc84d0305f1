package io.github.panllama.bench.gpu;

import io.github.panllama.cli.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@link GpuWorker} that runs, seen from the process that keeps the results. */
final class WorkerProcess implements AutoCloseable {
    private static final Duration DEATH = Duration.ofSeconds(10);
    private static final int SIGNALS_FROM = 128;
    private static final Map<Integer, String> SIGNALS =
            Map.of(4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

    private final Process process;
    private final Path log;
    private final long logBegin;
    private final BlockingQueue<Optional<Figures>> lines = new LinkedBlockingQueue<>();

    private WorkerProcess(Process process, Path log, long logBegin) {
        this.process = process;
        this.log = log;
        this.logBegin = logBegin;
        Thread.ofPlatform().daemon().start(this::read);
    }

    /**
     * Starts one, on the paths and with the options of this JVM.
     *
     * @param request what it shall do
     * @param environment more of its environment
     * @param log its errors are put at the end of this file
     * @throws IOException if it cannot be started
     */
    static WorkerProcess start(Map<String, @Nullable Object> request, Map<String, String> environment, Path log)
            throws IOException {
        long begin = Files.exists(log) ? Files.size(log) : 0;
        ProcessBuilder builder = new ProcessBuilder(command(GpuWorker.class))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        WorkerProcess worker = new WorkerProcess(builder.start(), log, begin);
        try {
            OutputStream input = worker.process.getOutputStream();
            input.write((Json.write(request) + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            // It has ended, and is asked why later.
        }
        return worker;
    }

    /** What starts a program of this module in a JVM like this one. */
    static List<String> command(Class<?> program) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-X") || option.startsWith("-D"))
                .forEach(command::add);
        command.add("-XX:-CreateCoredumpOnCrash");
        String modules = System.getProperty("jdk.module.path");
        String classes = System.getProperty("java.class.path", "");
        if (!classes.isEmpty()) {
            command.addAll(List.of("-cp", classes));
        }
        Module module = program.getModule();
        if (modules != null && module.isNamed()) {
            command.addAll(List.of(
                    "--module-path",
                    modules,
                    "--enable-native-access=io.github.panllama.bindings",
                    "--module",
                    module.getName() + "/" + program.getName()));
        } else {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", program.getName()));
        }
        return command;
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("{")) {
                    lines.add(Optional.of(new Figures(JsonText.object(line))));
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            // Nothing can be read any more: as at its end.
        }
        lines.add(Optional.empty());
    }

    /**
     * The next thing that it tells.
     *
     * @param limit how long to wait for it
     * @return nothing where it has ended
     * @throws SilentException if it has told nothing; it is then to be closed
     */
    Optional<Figures> next(Duration limit) throws SilentException {
        try {
            Optional<Figures> line = lines.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new SilentException("it told nothing for %d s and was ended".formatted(limit.toSeconds()));
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SilentException("interrupted");
        }
    }

    /** A worker told nothing for too long. */
    static final class SilentException extends Exception {
        private static final long serialVersionUID = 1L;

        SilentException(String message) {
            super(message);
        }
    }

    /** How it ended, and what it said last. */
    String end() {
        try {
            if (!process.waitFor(DEATH)) {
                return "its process does not end";
            }
            int code = process.exitValue();
            String how = code > SIGNALS_FROM
                    ? "its process was ended by " + SIGNALS.getOrDefault(code - SIGNALS_FROM, "signal " + code)
                    : "its process ended with " + code;
            String said = said();
            return said.isEmpty() ? how : how + ": " + said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } catch (IOException e) {
            return "its log cannot be read: " + e.getMessage();
        }
    }

    private String said() throws IOException {
        byte[] all = Files.readAllBytes(log);
        int from = (int) Math.min(logBegin, all.length);
        return LastWords.of(new String(all, from, all.length - from, StandardCharsets.UTF_8));
    }

    /** Lets it give back what it has taken, and delete its files; it has told all. */
    void letEnd() {
        try {
            boolean _ = process.waitFor(DEATH);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it, if it has not ended. */
    @Override
    public void close() {
        try (OutputStream _ = process.getOutputStream()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
        } catch (IOException e) {
            // It is gone.
        } finally {
            process.destroyForcibly();
        }
        // What it has taken of a device has to be free again; a process that hangs in its driver may never end.
        letEnd();
    }
}
