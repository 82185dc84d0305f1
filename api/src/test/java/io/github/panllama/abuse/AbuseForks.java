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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs cases in other JVMs. When one dies, the case that was running is to blame, and the rest go on in a new one. */
final class AbuseForks {
    private static final int TIMEOUT_SECONDS = 60;
    private static final int KEPT_LINES = 25;

    private final Path folder;
    private final int last;
    private final @Nullable String[] results;

    private AbuseForks(Path folder, int last) {
        this.folder = folder;
        this.last = last;
        this.results = new String[last];
    }

    /** How each of the cases {@code [first, last)} ended: {@code ""} as it may, else what was wrong. */
    static List<String> run(Path folder, int first, int last) throws IOException, InterruptedException {
        AbuseForks forks = new AbuseForks(folder, last);
        for (int next = first; next < last; ) {
            next = forks.fork(next);
        }
        List<String> results = new ArrayList<>();
        for (int i = first; i < last; i++) {
            String result = forks.results[i];
            results.add(result == null ? "was not run" : result);
        }
        return results;
    }

    /** Runs cases from {@code first} on in one JVM, and answers the first that still has to run. */
    private int fork(int first) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command(first)).redirectErrorStream(true).start();
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
                } else if (line.startsWith(AbuseRunner.PASS)) {
                    results[running] = "";
                    done = running + 1;
                } else if (line.startsWith(AbuseRunner.FAIL)) {
                    results[running] = line.substring(line.indexOf(' ', AbuseRunner.FAIL.length()) + 1);
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
        results[guilty] = "the JVM %s (exit code %d). Its last lines:%n%s"
                .formatted(code == 137 ? "was killed or hung" : "died", code, String.join(System.lineSeparator(), log));
        return guilty + 1;
    }

    private List<String> command(int first) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("hs_err.log"),
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
