package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.panllama.QuantizationType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.synthetic.SyntheticPreset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SynthesizeCommandTest {
    @TempDir
    private Path folder;

    private @Nullable Path small;

    private static CommandRun synthesize(String... arguments) {
        return CommandRun.of(
                Stream.concat(Stream.of("synthesize"), Arrays.stream(arguments)).toArray(String[]::new));
    }

    @Test
    void writesAPresetThatCanBeServed() throws IOException {
        Path file = folder.resolve("m.gguf");
        CommandRun run = synthesize(
                "--preset",
                "deepseek-r1-distill-qwen-1.5b",
                "--layers",
                "1",
                "--type",
                "q2_k",
                "--seed",
                "5",
                "--json",
                file.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        Map<String, Object> json = JsonReader.readObject(run.out());
        GgufFile written = GgufFile.read(file);
        assertThat(json)
                .containsEntry("preset", "deepseek-r1-distill-qwen-1.5b")
                .containsEntry("type", "Q2_K")
                .containsEntry("bytes", Files.size(file))
                .containsEntry("parameters", written.parameters())
                .containsEntry("layers", 1L)
                .containsEntry("seed", 5L);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }

        CommandRun again = synthesize("--preset", "deepseek-r1-distill-qwen-1.5b", file.toString());
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("is there already; --force replaces it");

        CommandRun served = CommandRun.of(
                "generate", "--model", file.toString(), "--max-tokens", "2", "--context", "64", "--json", "Hello");
        assertThat(served.exitCode()).as(served.err()).isZero();
        CommandRun chat = CommandRun.of(
                "template", "--model", file.toString(), "--messages", messages().toString());
        assertThat(chat.exitCode()).as(chat.err()).isZero();
        assertThat(chat.out()).contains("<\uFF5CUser\uFF5C>Hello<\uFF5CAssistant\uFF5C>");
    }

    private Path messages() throws IOException {
        return Files.writeString(folder.resolve("m.json"), "[{\"role\": \"user\", \"content\": \"Hello\"}]");
    }

    @Test
    void tooLittleRoomIsOneLineAndNoFile() throws IOException {
        long size =
                SyntheticPreset.DEEPSEEK_V3_8LAYERS.model(QuantizationType.F32).size();
        Path full = tooSmall(size);
        CommandRun run = synthesize(
                "--preset",
                "deepseek-v3-8layers",
                "--type",
                "F32",
                full.resolve("m.gguf").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().matches("panllama: .*m.gguf needs .* bytes, and .*");
        assertThat(full).isEmptyDirectory();
    }

    /** A folder without room for so much, which would be written where there is: on the disk, or else in memory. */
    private Path tooSmall(long size) throws IOException {
        for (Path parent : List.of(folder, Path.of("/dev/shm"))) {
            if (Files.isWritable(parent) && Files.getFileStore(parent).getUsableSpace() < size) {
                small = Files.createTempDirectory(parent, "panllama");
                return small;
            }
        }
        return abort("every disk here has room for %d bytes".formatted(size));
    }

    @AfterEach
    void remove() throws IOException {
        if (small != null) {
            Files.delete(small);
        }
    }

    @Test
    void listsEveryPresetAndHelpKnowsTheSizes() {
        CommandRun list = synthesize("--list");
        CommandRun help = synthesize("--help");
        assertThat(list.exitCode()).isZero();
        for (SyntheticPreset preset : SyntheticPreset.values()) {
            assertThat(list.out()).contains(preset.presetName());
        }
        list.out().lines().filter(line -> line.startsWith("deepseek")).forEach(line -> {
            String[] cells = line.split(" {2,}", -1);
            assertThat(help.out())
                    .containsPattern("%s +%s +%s +%s\n"
                            .formatted(
                                    cells[0], cells[cells.length - 3], cells[cells.length - 2], cells[cells.length - 1])
                            .replace(".", "\\."));
        });
        assertThat(list.out()).contains("Q4_K_M").doesNotContain("IQ1_S");
    }

    @Test
    void wrongUseIsOneLine() {
        String file = folder.resolve("m.gguf").toString();
        assertThat(synthesize("--preset", "gpt", file).err())
                .contains("must be one of deepseek-r1-distill-qwen-1.5b, ");
        assertThat(synthesize("--preset", "deepseek-v2-lite", "--type", "IQ1_S", file)
                        .err())
                .contains("--type is IQ1_S, must be one of F32, ");
        assertThat(synthesize("--preset", "deepseek-v2-lite", "--layers", "28", file)
                        .err())
                .contains("layers is 28, must be 1 to 27");
        assertThat(synthesize(file).exitCode()).isEqualTo(2);
        assertThat(synthesize("--preset", "deepseek-v2-lite").exitCode()).isEqualTo(2);
    }
}
