package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @Test
    void withoutACommandItExplainsItselfAsWrongUsage() {
        CommandRun run = CommandRun.of();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Usage: panllama").contains("generate").contains("doctor");
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate",
                "chat",
                "template",
                "embed",
                "rerank",
                "tokenize",
                "detokenize",
                "inspect",
                "plan",
                "synthesize",
                "evaluate",
                "bench",
                "doctor"
            })
    void everyCommandTeachesItself(String command) {
        CommandRun run = CommandRun.of(command, "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: panllama " + command).contains("--verbose");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aVersionIsPrinted() {
        assertThat(CommandRun.of("--version").out()).startsWith("panllama ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "generate --nonsense",
                "generate --max-tokens many",
                "generate --kv-type q9",
                "generate --gpu-layers -2",
                "generate --gpu-layers some",
                "generate --seed 4294967296",
                "generate --max-tokens -1 x",
                "generate --threads 0 x",
                "generate --context -1 x",
                "generate --temperature NaN x",
                "generate --prompt-ids 1 x",
                "generate --ids --json x",
                "inspect one two",
                "chat extra",
                "chat --max-tokens 0",
                "chat --reasoning maybe",
                "chat --reasoning -1",
                "chat --tools none",
                "template",
                "template --messages m.json extra",
                "chat --temperature -1",
                "chat --context -1",
                "evaluate --model m.gguf",
                "evaluate --reference m.gguf",
                "evaluate --model m.gguf --text-file t --window 3",
                "evaluate --model m.gguf --text-file t --stride -1",
                "evaluate --model m.gguf --questions q --sequences 0",
                "doctor extra",
            })
    void wrongUsageIsExitCode2WithTheWayToHelp(String line) {
        CommandRun run = CommandRun.of(line.split(" "));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("--help").doesNotContain("\tat ");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aFailureIsExitCode1InOneLine() {
        CommandRun run = CommandRun.of("tokenize", "--model", "no-such.gguf");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("no-such.gguf")
                .contains("no such file");
    }

    @Test
    void verboseShowsTheStackTrace() {
        CommandRun run = CommandRun.of("tokenize", "--model", "no-such.gguf", "--verbose");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("\tat io.github.panllama");
    }

    @Test
    void aReaderThatHasGoneEndsItQuietly() {
        CommandRun run = runInto(
                new IOException("Broken pipe"), "inspect", TestModels.llama().toString());
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aFullDiskIsAFailure() {
        CommandRun run = runInto(
                new IOException("No space left on device"),
                "inspect",
                TestModels.llama().toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("No space left on device");
    }

    private static CommandRun runInto(IOException failure, String... args) {
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw failure;
            }
        };
        return CommandRun.into(out, new byte[0], args);
    }
}
