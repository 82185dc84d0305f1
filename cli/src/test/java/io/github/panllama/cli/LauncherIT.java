package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code cli/panllama} as a process, on the jars that this build has laid. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a POSIX shell script")
class LauncherIT {
    private static final Path LAUNCHER = Path.of("panllama").toAbsolutePath();

    @TempDir
    private Path folder;

    /** What a process ended with. */
    private record Ended(int exitCode, String out, String err) {}

    @Test
    void runsThroughALinkFromAnyFolder() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("the command"), LAUNCHER);
        Path linkToLink = Files.createSymbolicLink(folder.resolve("again"), Path.of("the command"));
        Ended ended = run(List.of(linkToLink.toString(), "--version"), Map.of());
        // JUnit would warn of links that lead out of its folder.
        Files.delete(linkToLink);
        Files.delete(link);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).matches("panllama \\d+\\.\\d+\\.\\d+\\S*\n");
        assertThat(ended.exitCode()).isZero();
    }

    @Test
    void generatesWhatTheCommandGeneratesInProcessWhateverTheLocale() throws Exception {
        String[] command = {
            "generate",
            "--model",
            TestModels.llama().toString(),
            "--temperature",
            "0",
            "--max-tokens",
            "16",
            "--ids",
            "Grüße, 世界 😀"
        };
        Ended ended = run(launcher(command), Map.of("LC_ALL", "C"));
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).isEqualTo(CommandRun.of(command).out());
    }

    @Test
    void exitCodesPassThrough() throws Exception {
        assertThat(run(launcher("inspect", "no-such.gguf"), Map.of()).exitCode())
                .isEqualTo(1);
        assertThat(run(launcher("nonsense"), Map.of()).exitCode()).isEqualTo(2);
    }

    @Test
    void aReaderThatHasEnoughIsNoFailure() throws Exception {
        String pipe = "\"$0\" inspect --tensors --json \"$1\" | head -c 10";
        Ended ended = run(
                List.of(
                        "sh",
                        "-c",
                        pipe,
                        LAUNCHER.toString(),
                        TestModels.llama().toString()),
                Map.of());
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).hasSize(10);
    }

    @Test
    void aSignalEndsAGenerationWithinAStep() throws Exception {
        Path model = folder.resolve("long.gguf");
        SyntheticModel.builder(Architecture.LLAMA).contextLength(1 << 18).write(model);
        Process process = start(
                launcher(
                        "generate",
                        "--model",
                        model.toString(),
                        "--context",
                        "0",
                        "--max-tokens",
                        "1000000",
                        "--threads",
                        "1",
                        "--ids",
                        "Once"),
                Map.of());
        assertThat(process.getInputStream().read()).as("its first output").isPositive();
        // Not process.destroy(), which closes the streams too.
        process.toHandle().destroy();
        // Reads on, so that it never waits for this side.
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 15);
        assertThat(out).doesNotContain("SIG");
        assertThat(err()).isEmpty();
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "script is that of util-linux")
    void talksAtATerminal() throws Exception {
        Map<String, String> environment = Map.of(
                "PANLLAMA_JAVA_HOME", System.getProperty("java.home"),
                "PANLLAMA_CACHE", System.getProperty("panllama.cache"));
        try (PseudoTerminal terminal = PseudoTerminal.start(folder, environment, launcher("chat"))) {
            terminal.awaitPrompt();
            terminal.type("What is 47 + 85?\r");
            assertThat(terminal.awaitPrompt()).contains("= 132");
            terminal.type("/exit\r");
            assertThat(terminal.awaitEnd()).as(terminal.seen()).isZero();
            assertThat(terminal.seen()).doesNotContain("WARNING");
        }
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        Ended wrongJdk = run(launcher("--version"), Map.of("PANLLAMA_JAVA_HOME", folder.toString()));
        assertThat(wrongJdk.exitCode()).isEqualTo(1);
        assertThat(wrongJdk.err().lines()).singleElement().asString().contains("no JDK 25");

        Path alone = Files.createDirectories(folder.resolve("cli")).resolve("panllama");
        Files.copy(LAUNCHER, alone, StandardCopyOption.COPY_ATTRIBUTES);
        Ended noSources = run(List.of(alone.toString(), "--version"), Map.of());
        assertThat(noSources.exitCode()).isEqualTo(1);
        assertThat(noSources.err()).contains("no sources");
        Files.copy(LAUNCHER.resolveSibling("jdk.sh"), alone.resolveSibling("jdk.sh"));
        Ended noJars = run(List.of(alone.toString(), "--version"), Map.of());
        assertThat(noJars.exitCode()).isEqualTo(1);
        assertThat(noJars.err()).contains("lacks panllama-cli.jar", "no sources");
    }

    @Test
    void findsAJdkBesideAnOlderOne() throws Exception {
        Path older = olderJdk();
        Path newer = Files.createSymbolicLink(older.resolveSibling("newer"), Path.of(System.getProperty("java.home")));
        Ended ended = run(launcher("--version"), searching(older, ""));
        // JUnit would warn of links that lead out of its folder.
        Files.delete(newer);
        assertThat(ended.out()).as(ended.err()).startsWith("panllama ");
        assertThat(run(launcher("--version"), searching(older, "")).err()).contains("needs a JDK 25");
    }

    @Test
    void findsAJdkBesideAnOlderOneThatIsNamed() throws Exception {
        Path onThePath = olderJdk();
        Path named = Files.createDirectories(folder.resolve("named/older"));
        Path newer = Files.createSymbolicLink(named.resolveSibling("newer"), Path.of(System.getProperty("java.home")));
        Ended ended = run(launcher("--version"), searching(onThePath, named.toString()));
        Files.delete(newer);
        assertThat(ended.out()).as(ended.err()).startsWith("panllama ");
    }

    /** A folder with what the script looks at, and a java that must not be started. */
    private Path olderJdk() throws IOException {
        Path bin = Files.createDirectories(folder.resolve("jvm/older/bin"));
        Files.writeString(bin.resolveSibling("release"), "JAVA_VERSION=\"17.0.1\"\n");
        for (String tool : List.of("java", "javac")) {
            Path file = Files.writeString(bin.resolve(tool), "#!/bin/sh\necho this is the older one\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        return bin.getParent();
    }

    /** The environment of a user who has this JDK on the path, through links, and none in the home folder. */
    private Map<String, String> searching(Path jdk, String javaHome) throws IOException {
        Path links = Files.createDirectories(folder.resolve("links"));
        for (String tool : List.of("java", "javac")) {
            Files.deleteIfExists(links.resolve(tool));
            Files.createSymbolicLink(links.resolve(tool), jdk.resolve("bin", tool));
        }
        return Map.of(
                "PANLLAMA_JAVA_HOME",
                "",
                "JAVA_HOME",
                javaHome,
                "HOME",
                folder.toString(),
                "PATH",
                links + File.pathSeparator + System.getenv("PATH"));
    }

    private static List<String> launcher(String... arguments) {
        return Stream.concat(Stream.of(LAUNCHER.toString()), Stream.of(arguments))
                .toList();
    }

    private Ended run(List<String> command, Map<String, String> environment) throws Exception {
        Process process = start(command, environment);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out, err());
    }

    private Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("PANLLAMA_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("PANLLAMA_CACHE", System.getProperty("panllama.cache"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }
}
