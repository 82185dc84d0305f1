package io.github.panllama.abuse;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs cases in other JVMs, two at a time. When one dies, the case that was running is to blame, and the rest go on in a
 * new one.
 */
final class AbuseForks {
    /** Cases that a JVM runs one after the other. */
    private static final int CHUNK = 1000;

    private static final int TIMEOUT_SECONDS = 60;
    private static final int KEPT_LINES = 25;

    private final Path folder;
    private final Result[] results;
    private final AtomicInteger next = new AtomicInteger();

    /**
     * How a case ended.
     *
     * @param wrong {@code ""} when it ended as it may, else what was wrong
     * @param millis how long it took
     */
    record Result(String wrong, long millis) {}

    private AbuseForks(Path folder, int count) {
        this.folder = folder;
        this.results = new Result[count];
        Arrays.fill(results, new Result("was not run", 0));
    }

    /** Runs the first {@code count} cases. */
    static List<Result> run(Path folder, int count) throws InterruptedException {
        AbuseForks forks = new AbuseForks(folder, count);
        try (ExecutorService workers = Executors.newFixedThreadPool(2)) {
            List<Callable<Void>> both = List.of(forks::work, forks::work);
            for (Future<Void> worker : workers.invokeAll(both)) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the JVMs could not be started", e);
        }
        return List.of(forks.results);
    }

    private @Nullable Void work() throws IOException, InterruptedException {
        for (int first = next.getAndAdd(CHUNK); first < results.length; first = next.getAndAdd(CHUNK)) {
            int last = Math.min(first + CHUNK, results.length);
            for (int from = first; from < last; ) {
                from = fork(from, last);
            }
        }
        return null;
    }

    /** Runs cases in one JVM, and answers the first that still has to run. */
    private int fork(int first, int last) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(first, last))
                .redirectErrorStream(true)
                .start();
        Deque<String> log = new ArrayDeque<>();
        int running = -1;
        int done = first;
        boolean ended = false;
        try (ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
                BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            ScheduledFuture<?> timeout = watch.schedule(process::destroyForcibly, TIMEOUT_SECONDS, TimeUnit.SECONDS);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(AbuseRunner.START)) {
                    timeout.cancel(false);
                    timeout = watch.schedule(process::destroyForcibly, TIMEOUT_SECONDS, TimeUnit.SECONDS);
                    running = Integer.parseInt(line.substring(AbuseRunner.START.length()));
                    log.clear();
                } else if (line.startsWith(AbuseRunner.DONE)) {
                    results[running] = result(line);
                    done = running + 1;
                } else if (line.equals(AbuseRunner.END)) {
                    ended = true;
                } else {
                    log.addLast(line);
                    if (log.size() > KEPT_LINES) {
                        log.removeFirst();
                    }
                }
            }
            timeout.cancel(false);
        }
        int code = process.waitFor();
        if (ended && code == 0) {
            return last;
        }
        int guilty = Math.min(running < done ? done : running, last - 1);
        results[guilty] = new Result(
                "the JVM %s (exit code %d). Its last lines:%n%s"
                        .formatted(
                                code == 137 ? "was killed or hung" : "died",
                                code,
                                String.join(System.lineSeparator(), log)),
                0);
        return guilty + 1;
    }

    /** From the milliseconds that a case took, a space, and what was wrong. */
    private static Result result(String line) {
        String[] parts = line.substring(AbuseRunner.DONE.length()).split(" ", 2);
        return new Result(parts[1], Long.parseLong(parts[0]));
    }

    private List<String> command(int first, int last) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("hs_err_%p.log"),
                "--enable-native-access=ALL-UNNAMED"));
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("panllama.") || name.equals("java.io.tmpdir"))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(List.of("-cp", classPath(), AbuseRunner.class.getName()));
        command.addAll(List.of(folder.toString(), Integer.toString(first), Integer.toString(last)));
        return command;
    }

    /** Everything that this JVM finds classes in, modules included: the cases need no modules. */
    private static String classPath() {
        Set<String> path = new LinkedHashSet<>();
        path.add(PublicApi.root(AbuseForks.class).toString());
        for (String property : List.of("java.class.path", "jdk.module.path", "surefire.test.class.path")) {
            path.addAll(Arrays.asList(System.getProperty(property, "").split(java.io.File.pathSeparator, -1)));
        }
        path.remove("");
        return String.join(java.io.File.pathSeparator, path);
    }
}
