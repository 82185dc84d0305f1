package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every command line that help and the pages show is one that the command takes. */
class ExamplesTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** The start of a line, and what pipes lead to. */
    private static final Pattern COMMAND = Pattern.compile("(?:^|\\|) *(?:(?:cli/|gpu-bundle/run )?panllama) ([^|]*)");

    /** A word, which may have quotes in it. */
    private static final Pattern WORD = Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^\\s'\"])+");

    private static CommandLine panllama() {
        return Panllama.commandLine(
                Terminal.of(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), System.err, false));
    }

    /** The words of a command in a line of a shell, up to where its output or a comment begins. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find() && !word.group().matches("[<>#].*")) {
            words.add(word.group().replaceAll("['\"]", ""));
        }
        return words;
    }

    private static List<List<String>> commands(Stream<String> lines) {
        List<List<String>> commands = new ArrayList<>();
        lines.forEach(line -> {
            Matcher command = COMMAND.matcher(line);
            while (command.find()) {
                // Of what help shows, explanations stand behind two spaces or more.
                List<String> words = words(command.group(1).split(" {2,}", 2)[0]);
                if (!words.isEmpty() && words.getFirst().matches("[a-z]+")) {
                    commands.add(words);
                }
            }
        });
        return commands;
    }

    private static void assertTaken(List<String> words) {
        assertThatCode(() -> panllama().parseArgs(words.toArray(String[]::new)))
                .as("panllama %s", String.join(" ", words))
                .doesNotThrowAnyException();
    }

    private static Stream<CommandLine> withSubcommands(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(ExamplesTest::withSubcommands));
    }

    @Test
    void whatHelpShowsIsTaken() {
        List<List<String>> examples = withSubcommands(panllama())
                .flatMap(command -> commands(
                        Stream.of(command.getCommandSpec().usageMessage().footer()))
                        .stream())
                .toList();
        assertThat(examples).hasSizeGreaterThan(50);
        examples.forEach(ExamplesTest::assertTaken);
    }

    @Test
    void whatThePagesShowIsTaken() throws IOException {
        List<List<String>> examples = new ArrayList<>();
        try (Stream<Path> pages = Files.walk(ROOT.resolve("docs"))) {
            for (Path page : Stream.concat(Stream.of(ROOT.resolve("README.md")), pages)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList()) {
                examples.addAll(commands(Files.readAllLines(page).stream()));
            }
        }
        assertThat(examples).hasSizeGreaterThan(50);
        examples.forEach(ExamplesTest::assertTaken);
    }

    @Test
    void whatIsNotTakenIsFound() {
        List<List<String>> examples =
                commands(Stream.of("  panllama bench --model 'my m.gguf' --concurrency 1,8 > out | jq # that"));
        assertThat(examples).containsExactly(List.of("bench", "--model", "my m.gguf", "--concurrency", "1,8"));
        assertThatThrownBy(() -> panllama().parseArgs(examples.getFirst().toArray(String[]::new)))
                .isInstanceOf(UnmatchedArgumentException.class);
    }
}
