package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufEditorTest {
    private static final int ROWS = 7;

    @TempDir
    Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("m.gguf");
        GgufWriter writer =
                new GgufWriter().put("general.architecture", "llama").put("general.alignment", 64);
        GgufRoundTripTest.everyValue().forEach(writer::put);
        for (int i = 0; i < 5; i++) {
            int tensor = i;
            writer.tensor("t" + i, GgmlType.F32, (index, row) -> row[0] = tensor * 100L + index, 3, ROWS);
        }
        writer.write(file);
    }

    @Test
    void nothingChangedIsTheSameFile() throws IOException {
        Path copy = folder.resolve("copy.gguf");
        GgufEditor.of(GgufFile.read(file)).write(copy);
        assertThat(Files.mismatch(file, copy)).isEqualTo(-1);
    }

    @Test
    void setsInPlaceWithTypeAndOrder() throws IOException {
        byte[] before = tensors(file);
        GgufEditor.of(GgufFile.read(file))
                .set("u32", GgufValue.text("now a text"))
                .set("new.key", GgufValue.float32(0.5f))
                .remove("f64")
                .write(file);
        GgufFile after = GgufFile.read(file);
        List<String> keys = new ArrayList<>(List.of("general.architecture", "general.alignment"));
        keys.addAll(GgufRoundTripTest.everyValue().keySet());
        keys.remove("f64");
        keys.add("new.key");
        assertThat(after.metadata().asMap().keySet()).containsExactlyElementsOf(keys);
        assertThat(after.metadata().string("u32")).contains("now a text");
        assertThat(after.metadata().find("new.key")).contains(GgufValue.float32(0.5f));
        assertThat(after.alignment()).isEqualTo(64);
        assertThat(tensors(file)).isEqualTo(before);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void anUnknownKeyIsAnError() throws IOException {
        GgufEditor editor = GgufEditor.of(GgufFile.read(file));
        assertThatThrownBy(() -> editor.remove("no.such.key"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("no.such.key");
        assertThatThrownBy(() -> editor.set("general.alignment", GgufValue.uint32(3)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> editor.copyTemplate(GgufFile.read(file))).isInstanceOf(NoSuchElementException.class);
        assertThat(editor.metadata()).isEqualTo(GgufFile.read(file).metadata());
    }

    @Test
    void copiesTheTemplateOfAnother() throws IOException {
        Path other = folder.resolve("other.gguf");
        new GgufWriter().put(GgufEditor.CHAT_TEMPLATE, "{{ messages }}").write(other);
        GgufEditor.of(GgufFile.read(file)).copyTemplate(GgufFile.read(other)).write(file);
        assertThat(GgufFile.read(file).metadata().string(GgufEditor.CHAT_TEMPLATE))
                .contains("{{ messages }}");
    }

    @Test
    void textsThatAreNotUtf8KeepTheirBytes() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] text = "größer".getBytes(StandardCharsets.UTF_8);
        int at = indexOf(bytes, text);
        bytes[at + 2] = (byte) 0xff;
        Files.write(file, bytes);
        Path copy = folder.resolve("copy.gguf");
        GgufEditor.of(GgufFile.read(file)).write(copy);
        assertThat(Files.readAllBytes(copy)).isEqualTo(bytes);
        GgufWriter keys = new GgufWriter().putAll(GgufFile.read(file));
        Path metadata = folder.resolve("metadata.gguf");
        keys.write(metadata);
        assertThat(keys.size()).isEqualTo(Files.size(metadata));
        assertThat(indexOf(Files.readAllBytes(metadata), Arrays.copyOfRange(bytes, at, at + 10)))
                .isPositive();
    }

    @Test
    void valuesComeFromTexts() {
        Map<GgufType, List<String>> good = Map.of(
                GgufType.UINT8, List.of("0", "255"),
                GgufType.INT16, List.of("-32768", "32767"),
                GgufType.UINT64, List.of("0", "18446744073709551615"),
                GgufType.FLOAT32, List.of("0.5", "-1e30", "NaN"),
                GgufType.FLOAT64, List.of("0.1", "Infinity"),
                GgufType.BOOL, List.of("true", "false"),
                GgufType.STRING, List.of("", "größer"));
        good.forEach((type, texts) -> {
            for (int i = 0; i < texts.size(); i++) {
                GgufValue value = GgufValue.parse(type, texts.get(i));
                assertThat(value.type()).isEqualTo(type);
                assertThat(GgufValue.parseAll(type, texts).get(i)).isEqualTo(value);
                if (!texts.get(i).contains("e")) {
                    assertThat(value).hasToString(texts.get(i));
                }
            }
        });
        Map<GgufType, List<String>> bad = Map.of(
                GgufType.UINT8, List.of("256", "-1", "x", ""),
                GgufType.UINT64, List.of("-1", "18446744073709551616"),
                GgufType.FLOAT32, List.of("1e39", "x"),
                GgufType.BOOL, List.of("yes", "1", ""),
                GgufType.ARRAY, List.of("1"));
        bad.forEach((type, texts) -> texts.forEach(text -> {
            assertThatThrownBy(() -> GgufValue.parse(type, text)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> GgufValue.parseAll(type, List.of(text)))
                    .isInstanceOf(IllegalArgumentException.class);
        }));
    }

    private static byte[] tensors(Path path) throws IOException {
        GgufFile gguf = GgufFile.read(path);
        byte[] all = Files.readAllBytes(path);
        return Arrays.copyOfRange(all, (int) gguf.dataOffset(), all.length);
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; ; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
    }
}
