package io.github.panllama.fuzz;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A run of Jazzer in a JVM of its own, as {@code ci/fuzz} starts it.
 *
 * @param code the process's exit code
 * @param output all that it printed
 */
record JazzerRun(int code, String output) {
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs");

    /**
     * Feeds a target.
     *
     * @param folder where seeds are, and where new inputs and findings go
     * @param limits options of libFuzzer
     */
    static JazzerRun of(String target, Path folder, String... limits) throws Exception {
        Path corpus = folder.resolve("corpus");
        Fuzz.writeSeeds(Targets.of(target), corpus);
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-XX:+EnableDynamicAgentLoading",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "com.code_intelligence.jazzer.Jazzer",
                                "--target_class=" + Fuzz.class.getName(),
                                "--target_args=" + target,
                                "--instrumentation_includes=io.github.panllama.**",
                                "--reproducer_path=" + folder,
                                "-artifact_prefix=" + folder + '/',
                                "-seed=1",
                                "-timeout=20"),
                        Stream.concat(Stream.of(limits), Stream.of(corpus.toString())))
                .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new JazzerRun(process.waitFor(), output);
        } finally {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** How many inputs there were; 0 where it ended before its end. */
    int inputs() {
        Matcher done = DONE.matcher(output);
        return done.find() ? Integer.parseInt(done.group(1)) : 0;
    }
}
