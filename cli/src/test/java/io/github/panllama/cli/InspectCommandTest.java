package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    @TempDir
    private Path folder;

    @Test
    void showsMetadataShortenedAndTensorsOnRequest() {
        CommandRun run = CommandRun.of("inspect", TestModels.llama().toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("GGUF version 3")
                .containsPattern("general.architecture +string +\"llama\"")
                .containsPattern("tokenizer.ggml.tokens +string\\[512] +\\[\"[^\\n]*, …]")
                .containsPattern("tokenizer.chat_template .*… \\(\\d+ characters\\)")
                .doesNotContain("blk.0.attn_q.weight");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThan(200));
        assertThat(CommandRun.of("inspect", TestModels.llama().toString(), "--tensors")
                        .out())
                .containsPattern("blk.0.attn_q.weight +f32 +64 x 64 +16.0 KiB  at \\d+");
    }

    @Test
    void jsonIsComplete() throws IOException {
        GgufFile file = GgufFile.read(TestModels.llama());
        CommandRun run = CommandRun.of(
                "inspect", "--json", "--tensors", TestModels.llama().toString());
        Map<String, Object> json = JsonReader.readObject(run.out());
        assertThat(json)
                .containsEntry("version", 3L)
                .containsEntry("file_size", file.fileSize())
                .containsEntry("parameters", file.parameters())
                .containsEntry("tensor_count", (long) file.tensors().size());
        Map<?, ?> metadata = (Map<?, ?>) json.get("metadata");
        assertThat(metadata.keySet()).hasSameSizeAs(file.metadata().asMap().keySet());
        assertThat((List<?>) metadata.get("tokenizer.ggml.tokens")).hasSize(512);
        assertThat(metadata.get("tokenizer.chat_template"))
                .isEqualTo(file.metadata().string("tokenizer.chat_template", ""));
        assertThat((List<?>) json.get("tensors")).hasSameSizeAs(file.tensors());
        assertThat(JsonReader.readObject(
                        CommandRun.of("inspect", "--json", TestModels.llama().toString())
                                .out()))
                .doesNotContainKey("tensors");
    }

    @Test
    void numbersKeepTheirTypesAndTextsCannotSteerTheTerminal() throws IOException {
        Path path = folder.resolve("odd.gguf");
        GgufWriter writer = new GgufWriter();
        writer.put("general.architecture", "odd\u001b[2J");
        writer.put("odd.large", GgufValue.uint64(-1));
        writer.put("odd.small", GgufValue.float32(1e-5f));
        writer.put("odd.none", GgufValue.float64(Double.NaN));
        writer.write(path);
        assertThat(CommandRun.of("inspect", path.toString()).out())
                .contains("\"odd\\u001b[2J\"")
                .contains("18446744073709551615")
                .doesNotContain("\u001b");
        assertThat(CommandRun.of("inspect", path.toString(), "--json").out())
                .contains("\"odd.large\": 18446744073709551615")
                .contains("\"odd.small\": 1.0E-5")
                .contains("\"odd.none\": \"NaN\"");
    }

    @Test
    void aMalformedFileIsRefusedWithThePlaceOfTheFault() throws IOException {
        byte[] bytes = Files.readAllBytes(TestModels.llama());
        bytes[4] = 99;
        Path path = Files.write(folder.resolve("bad.gguf"), bytes);
        CommandRun run = CommandRun.of("inspect", path.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("bad.gguf")
                .contains("at byte 4");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void checkShowsEachGroupOfRulesAsPassed() throws IOException {
        CommandRun run = CommandRun.of("inspect", "--check", TestModels.llama().toString());
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.out())
                .contains("llama.gguf: every rule holds")
                .containsPattern("format +passed")
                .containsPattern("special-tokens +passed")
                .doesNotContain("FAILED")
                .doesNotContain("general.architecture");
        Map<String, Object> json = JsonReader.readObject(
                CommandRun.of("inspect", "--check", "--json", TestModels.llama().toString())
                        .out());
        assertThat(json).containsEntry("passed", true);
        assertThat((List<?>) json.get("rules")).hasSizeGreaterThan(8);
    }

    @Test
    void checkNamesKeyAndPlaceOfWhatFails() throws IOException {
        Path path = folder.resolve("heads.gguf");
        GgufEditor.of(GgufFile.read(TestModels.llama()))
                .set("llama.attention.head_count", GgufValue.uint32(0))
                .set("llama.expert_used_count", GgufValue.uint32(3))
                .write(path);
        CommandRun run = CommandRun.of("inspect", "--check", path.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("heads.gguf: refused")
                .containsPattern("heads +FAILED: llama.attention.head_count is 0, must be .* at byte \\d+")
                .containsPattern("experts +FAILED: llama.expert_used_count is 3, must be 0 at byte \\d+")
                .containsPattern("tokenizer +passed");
        Map<String, Object> json = JsonReader.readObject(
                CommandRun.of("inspect", "--check", "--json", path.toString()).out());
        assertThat(json).containsEntry("passed", false);
        assertThat((List<?>) json.get("rules"))
                .anySatisfy(rules -> assertThat((Map<?, ?>) rules)
                        .hasToString("{rules=heads, passed=false, message=%s, key=%s, byte_offset=%s}"
                                .formatted(
                                        ((Map<?, ?>) rules).get("message"),
                                        "llama.attention.head_count",
                                        ((Map<?, ?>) rules).get("byte_offset"))));
    }

    @Test
    void checkOfAFileThatIsNoneSaysSoOnce() throws IOException {
        Path path = Files.write(folder.resolve("none.gguf"), new byte[100]);
        CommandRun run = CommandRun.of("inspect", "--check", path.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out().lines()).hasSize(2).last().asString().contains("format", "FAILED: not a GGUF file");
    }

    @Test
    void aMissingFileOrAFolderIsAFailureInOneLine() {
        for (String path : List.of("no-such.gguf", folder.toString())) {
            for (String[] command : new String[][] {{"inspect", path}, {"inspect", "--check", path}}) {
                CommandRun run = CommandRun.of(command);
                assertThat(run.exitCode()).isEqualTo(1);
                assertThat(run.err().lines()).singleElement().asString().contains(path);
            }
        }
    }
}
