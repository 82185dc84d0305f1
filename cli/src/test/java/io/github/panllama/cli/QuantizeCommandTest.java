package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.QuantizationType;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {
    @TempDir
    private Path folder;

    private CommandRun quantize(String... arguments) {
        return CommandRun.of(
                Stream.concat(Stream.of("quantize"), Arrays.stream(arguments)).toArray(String[]::new));
    }

    @Test
    void writesASmallerFileAndSaysWhatItDid() throws IOException {
        Path target = folder.resolve("q.gguf");
        String source = TestModels.llama().toString();
        CommandRun run = quantize(source, target.toString(), "q4_0", "--tensor-type", "ffn_down=Q8_0");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("bits per weight").contains("Written: " + target);
        assertThat(GgufFile.read(target)
                        .tensor("blk.0.ffn_down.weight")
                        .orElseThrow()
                        .type())
                .isEqualTo(GgmlType.Q8_0);

        CommandRun again = quantize(source, target.toString(), "Q8_0");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("is there already; --force replaces it");
        CommandRun forced = quantize(source, target.toString(), "Q8_0", "--force", "--json");
        assertThat(forced.exitCode()).as(forced.err()).isZero();
        Map<String, Object> json = JsonReader.readObject(forced.out());
        assertThat(json)
                .containsEntry("type", "Q8_0")
                .containsEntry("bytes_after", Files.size(target))
                .containsEntry("dry_run", false)
                .containsEntry("files", List.of(target.toString()));
    }

    @Test
    void aDryRunKnowsTheSizeAndWritesNothing() throws IOException {
        Path target = folder.resolve("q.gguf");
        CommandRun run = quantize(TestModels.llama().toString(), target.toString(), "Q5_0", "--dry-run", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(target).doesNotExist();
        Object bytes = JsonReader.readObject(run.out()).get("bytes_after");
        assertThat(quantize(TestModels.llama().toString(), target.toString(), "Q5_0")
                        .exitCode())
                .isZero();
        assertThat(bytes).isEqualTo(Files.size(target));
        assertThat(quantize(TestModels.llama().toString(), "x", "Q5_0", "--dry-run")
                        .out())
                .containsPattern("blk.0.attn_q.weight +f32 +q5_0 +16384 +2816");
    }

    @Test
    void listsEveryType() {
        CommandRun run = quantize("--list");
        assertThat(run.exitCode()).isZero();
        for (QuantizationType type : QuantizationType.values()) {
            assertThat(run.out()).contains(type.name()).contains(type.description());
        }
        assertThat(quantize("--list", "--json").out()).contains("\"bits_per_weight\"");
    }

    @Test
    void wrongUseIsOneLine() {
        String source = TestModels.llama().toString();
        String target = folder.resolve("q.gguf").toString();
        assertThat(quantize(source, target, "Q9").exitCode()).isEqualTo(2);
        assertThat(quantize(source).exitCode()).isEqualTo(2);
        assertThat(quantize(source, target, "Q8_0", "--tensor-type", "x").exitCode())
                .isEqualTo(2);
        assertThat(quantize(source, target, "Q8_0", "--tensor-type", "(=q8_0").exitCode())
                .isEqualTo(2);
        assertThat(quantize(source, target, "F16", "--tensor-type", "x=q8_0").exitCode())
                .isEqualTo(2);
        CommandRun refused = quantize(source, target, "Q8_0", "--tensor-type", "ffn_down=q4_K");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err().lines())
                .singleElement()
                .asString()
                .startsWith("panllama: blk.0.ffn_down.weight cannot become q4_K");
        CommandRun missing = quantize(folder.resolve("none.gguf").toString(), target, "Q8_0");
        assertThat(missing.err()).contains("there is no such file");
        assertThat(folder).isEmptyDirectory();
    }

    /** Two names read as IN and TYPE would be OUT and TYPE, and replace a model by the bundled one. */
    @Test
    void aFileThatIsThereIsNotTakenForOut() throws IOException {
        Path model = Files.copy(TestModels.llama(), folder.resolve("m.gguf"));
        for (List<String> options :
                List.of(List.of("--force", "--allow-requantize"), List.of("--dry-run"), List.<String>of())) {
            CommandRun run = quantize(Stream.concat(Stream.of(model.toString(), "Q4_0"), options.stream())
                    .toArray(String[]::new));
            assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
            assertThat(run.err())
                    .contains("m.gguf is there already")
                    .contains("`quantize bundled " + model + " Q4_0 --force`");
            assertThat(Files.mismatch(model, TestModels.llama())).isEqualTo(-1);
        }
        CommandRun meant = quantize("bundled", model.toString(), "Q4_0", "--force", "--allow-requantize");
        assertThat(meant.exitCode()).as(meant.err()).isZero();
    }

    @Test
    void theInputIsNeverReplacedWhateverItIsCalled() throws IOException {
        Path model = Files.copy(TestModels.llama(), folder.resolve("m.gguf"));
        Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), model);
        Path hard = Files.createLink(folder.resolve("hard.gguf"), model);
        Path relative = Path.of("").toAbsolutePath().relativize(model);
        for (Path name : List.of(model, link, hard, relative)) {
            CommandRun run = quantize(model.toString(), name.toString(), "Q8_0", "--force");
            assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
            assertThat(run.err()).contains("is the model that is to be read");
            assertThat(Files.mismatch(model, TestModels.llama())).isEqualTo(-1);
        }
    }

    @Test
    void partsThatAreThereAreReplacedOnlyIfAsked() throws IOException {
        String[] split = {
            "gguf", "split", TestModels.llama().toString(), folder.resolve("p").toString(), "--max-size", "100K"
        };
        List<String> parts = CommandRun.of(split).out().lines().toList();
        refusesWhereOnlyTheSecondIs(parts, split);
        String[] quantize = {
            "quantize", parts.getFirst(), folder.resolve("q.gguf").toString(), "Q8_0", "--keep-split"
        };
        assertThat(CommandRun.of(quantize).exitCode()).isZero();
        List<String> quantised =
                parts.stream().map(part -> part.replace("/p-", "/q-")).toList();
        refusesWhereOnlyTheSecondIs(quantised, quantize);
    }

    private static void refusesWhereOnlyTheSecondIs(List<String> parts, String... command) throws IOException {
        byte[] second = Files.readAllBytes(Path.of(parts.get(1)));
        byte[] mine = {1, 2, 3};
        Files.write(Path.of(parts.get(1)), mine);
        Files.delete(Path.of(parts.getFirst()));
        CommandRun refused = CommandRun.of(command);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(1);
        assertThat(refused.err().lines())
                .containsExactly("panllama: " + parts.get(1) + ": is there already; --force replaces it");
        assertThat(Path.of(parts.getFirst())).doesNotExist();
        assertThat(Path.of(parts.get(1))).hasBinaryContent(mine);
        CommandRun forced = CommandRun.of(
                Stream.concat(Arrays.stream(command), Stream.of("--force")).toArray(String[]::new));
        assertThat(forced.exitCode()).as(forced.err()).isZero();
        assertThat(Path.of(parts.get(1))).hasBinaryContent(second);
    }

    @Test
    void numbersAreWrittenAsEverywhereInEgyptAndGermany() throws Exception {
        String model = TestModels.llama().toString();
        for (List<String> country : List.of(
                List.of("-Duser.language=ar", "-Duser.country=EG"),
                List.of("-Duser.language=de", "-Duser.country=DE"))) {
            for (String[] command :
                    new String[][] {{"quantize", model, "x.gguf", "Q8_0", "--dry-run"}, {"inspect", model}}) {
                Process process = LimitedRun.start(folder, "unlimited", country, command);
                assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
                assertThat(Files.readString(folder.resolve("out")))
                        .isEqualTo(CommandRun.of(command).out());
            }
        }
    }

    /** Writes fail half way, as on a full disk; the JVM ignores the signal that comes first. */
    @Test
    void aFileThatCannotGrowIsOneErrorAndNoFile() throws Exception {
        Path target = folder.resolve("q.gguf");
        Process process =
                LimitedRun.start(folder, "64", "quantize", TestModels.llama().toString(), target.toString(), "F16");
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        String err = Files.readString(folder.resolve("err"));
        assertThat(process.exitValue()).as(err).isEqualTo(1);
        assertThat(err.lines().filter(line -> line.startsWith("panllama: ")))
                .singleElement()
                .asString()
                .contains("could not be written")
                .contains("took no more");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("err", "out");
        }
    }

    @Test
    void aSignalLeavesNoFile() throws Exception {
        Path models = Files.createDirectory(folder.resolve("models"));
        Path source = models.resolve("large.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(256)
                .feedForwardLength(1024)
                .layers(8)
                .weightType(GgmlType.F32)
                .write(source);
        Process process = LimitedRun.start(
                folder,
                "unlimited",
                "quantize",
                source.toString(),
                models.resolve("q.gguf").toString(),
                "IQ3_S",
                "--threads",
                "1");
        assertThat(appears(models, process))
                .as("the file that is being written")
                .isTrue();
        // As Ctrl-C does, which a test that runs in the background would not get.
        process.toHandle().destroy();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 15);
        try (Stream<Path> files = Files.list(models)) {
            assertThat(files).containsExactly(source);
        }
    }

    /** Waits for a second file in a folder, as long as the process lives. */
    private static boolean appears(Path models, Process process) throws Exception {
        while (process.isAlive()) {
            try (Stream<Path> files = Files.list(models)) {
                if (files.count() > 1) {
                    return true;
                }
            }
            if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return false;
    }

    @Test
    void metadataIsEditedFromTheCommandLine() throws IOException {
        Path file = Files.copy(TestModels.llama(), folder.resolve("m.gguf"));
        assertThat(CommandRun.of("gguf", "set", file.toString(), "general.name", "Another")
                        .exitCode())
                .isZero();
        assertThat(CommandRun.of("gguf", "set", file.toString(), "my.number", "7")
                        .exitCode())
                .isEqualTo(2);
        assertThat(CommandRun.of("gguf", "set", file.toString(), "my.number", "7", "--type", "u16")
                        .exitCode())
                .isZero();
        assertThat(CommandRun.of("gguf", "set", file.toString(), "my.list", "a", "b", "--type", "string[]")
                        .exitCode())
                .isZero();
        Path template = Files.writeString(folder.resolve("t.jinja"), "{{ 1 }}");
        assertThat(CommandRun.of("gguf", "copy-template", file.toString(), template.toString())
                        .exitCode())
                .isZero();
        GgufFile edited = GgufFile.read(file);
        assertThat(edited.metadata().string("general.name")).contains("Another");
        assertThat(edited.metadata().intValue("my.number", 0)).isEqualTo(7);
        assertThat(edited.metadata().array("my.list").orElseThrow().strings()).containsExactly("a", "b");
        assertThat(edited.metadata().string("tokenizer.chat_template")).contains("{{ 1 }}");

        Path other = folder.resolve("other.gguf");
        assertThat(CommandRun.of("gguf", "remove", file.toString(), "my.list", "--output", other.toString())
                        .exitCode())
                .isZero();
        assertThat(GgufFile.read(other).metadata().find("my.list")).isEmpty();
        CommandRun unknown = CommandRun.of("gguf", "remove", file.toString(), "no.such.key");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("has no key no.such.key");
        assertThat(CommandRun.of("gguf").exitCode()).isEqualTo(2);
    }

    @Test
    void splitsAndMerges() throws IOException {
        CommandRun split = CommandRun.of(
                "gguf",
                "split",
                TestModels.llama().toString(),
                folder.resolve("p").toString(),
                "--max-size",
                "100K");
        assertThat(split.exitCode()).as(split.err()).isZero();
        List<String> parts = split.out().lines().toList();
        assertThat(parts).hasSizeGreaterThan(1);
        Path merged = folder.resolve("merged.gguf");
        assertThat(CommandRun.of("gguf", "merge", parts.getFirst(), merged.toString())
                        .exitCode())
                .isZero();
        assertThat(Files.mismatch(TestModels.llama(), merged)).isEqualTo(-1);
        assertThat(CommandRun.of("gguf", "split", merged.toString(), "x", "--max-size", "big")
                        .exitCode())
                .isEqualTo(2);
    }
}
