package io.github.panllama.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A short run of all models, which have no outcome that is forbidden; {@code stress/run} is the long one. */
class StressTest {
    private static final int MODELS = 21;
    private static final Pattern SUMMARY =
            Pattern.compile("(\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs");

    @Test
    void noOutcomeIsForbidden() throws IOException, InterruptedException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "stress");
        Files.createDirectories(folder);
        Path log = folder.resolve("log.txt");
        Process run = new ProcessBuilder(command(folder))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int code = run.waitFor();
        String text = Files.readString(log, StandardCharsets.UTF_8);
        Matcher summary = SUMMARY.matcher(text);
        List<String> last = new ArrayList<>();
        while (summary.find()) {
            last = List.of(summary.group(1), summary.group(2));
        }
        assertThat(code).as(text).isZero();
        assertThat(last).as(text).containsExactly(Integer.toString(models()), Integer.toString(models()));
    }

    @Test
    void noModelWasForgotten() throws IOException {
        assertThat(models()).isEqualTo(MODELS);
    }

    /** As many as the annotation processor has found. */
    private static int models() throws IOException {
        try (InputStream list = StressTest.class.getResourceAsStream("/META-INF/TestList")) {
            return (int) new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .count();
        }
    }

    /** One JVM for each model, with the flags that a JVM has by itself, for a tenth of a second. */
    private static List<String> command(Path folder) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.openjdk.jcstress.Main"));
        command.addAll(List.of("-f", "1", "-iters", "1", "-time", "100", "-sc", "false", "-af", "NONE"));
        command.addAll(List.of("-r", folder.toString(), "-jvmArgs", "--enable-native-access=ALL-UNNAMED"));
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("panllama.") || name.equals("java.io.tmpdir"))
                .forEach(name -> command.addAll(List.of("-jvmArgs", "-D" + name + "=" + System.getProperty(name))));
        return command;
    }
}
