package io.github.panllama.mutants;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Loads mutants in other JVMs, one after the other. When one dies or hangs, the rest go on in a new one. */
final class MutantForks {
    private static final int KEPT_LINES = 12;

    private final Path folder;
    private final long last;
    private final boolean trusted;
    private final List<String> failures = new ArrayList<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();

    private MutantForks(Path folder, long last, boolean trusted) {
        this.folder = folder;
        this.last = last;
        this.trusted = trusted;
    }

    /** Runs the seeds {@code [first, last)}. */
    static MutantForks run(Path folder, long first, long last, boolean trusted)
            throws IOException, InterruptedException {
        MutantForks forks = new MutantForks(folder, last, trusted);
        for (long next = first; next < last; ) {
            next = forks.fork(next);
        }
        return forks;
    }

    /** Seed, mutation and end of each mutant that ended a JVM, or was answered with another exception than promised. */
    List<String> failures() {
        return failures;
    }

    /** How many ended in each way. */
    Map<String, Integer> outcomes() {
        return outcomes;
    }

    private long fork(long first) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command(first)).redirectErrorStream(true).start();
        Deque<String> log = new ArrayDeque<>();
        String running = first + " (before it began)";
        boolean open = true;
        boolean ended = false;
        try (Watch watch = new Watch(process.toHandle());
                BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(MutantRunner.START)) {
                    watch.restart();
                    running = line.substring(MutantRunner.START.length());
                    open = true;
                    log.clear();
                } else if (line.startsWith(MutantRunner.DONE)) {
                    done(running, line.substring(MutantRunner.DONE.length()));
                    open = false;
                } else if (line.equals(MutantRunner.END)) {
                    ended = true;
                } else {
                    log.addLast(line);
                    if (log.size() > KEPT_LINES) {
                        log.removeFirst();
                    }
                }
            }
        }
        int code = process.waitFor();
        if (ended && code == 0) {
            return last;
        }
        String end = code == 137 ? "the JVM was killed or hung" : "the JVM died with " + code;
        failures.add("seed %s%s: %s%n    %s"
                .formatted(running, open ? "" : " (after it)", end, String.join(System.lineSeparator() + "    ", log)));
        return Long.parseLong(running.substring(0, running.indexOf(' '))) + 1;
    }

    private void done(String running, String outcome) {
        outcomes.merge(outcome.startsWith("WRONG") ? "WRONG" : outcome, 1, Integer::sum);
        if (outcome.startsWith("WRONG")) {
            failures.add("seed %s: %s".formatted(running, outcome));
        }
    }

    private List<String> command(long first) {
        List<String> arguments = new ArrayList<>(List.of(folder.toString(), Long.toString(first), Long.toString(last)));
        if (trusted) {
            arguments.add("TRUSTED");
        }
        return java(folder, MutantRunner.class, arguments.toArray(String[]::new));
    }

    /** The command of another JVM that runs a main class of these tests. */
    static List<String> java(Path folder, Class<?> main, String... arguments) {
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
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Everything that this JVM finds classes in, modules included: the runner needs no modules. */
    private static String classPath() {
        Set<String> path = new LinkedHashSet<>();
        String name = MutantForks.class.getName().replace('.', '/') + ".class";
        String url = String.valueOf(MutantForks.class.getResource("/" + name));
        path.add(Path.of(URI.create(url.substring(0, url.length() - name.length())))
                .toString());
        for (String property : List.of("java.class.path", "jdk.module.path", "surefire.test.class.path")) {
            path.addAll(Arrays.asList(System.getProperty(property, "").split(File.pathSeparator, -1)));
        }
        path.remove("");
        return String.join(File.pathSeparator, path);
    }
}
