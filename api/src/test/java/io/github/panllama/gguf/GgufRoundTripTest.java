package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufRoundTripTest {
    @TempDir
    Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("model.gguf");
    }

    static Map<String, GgufValue> everyValue() {
        Map<String, GgufValue> values = new LinkedHashMap<>();
        values.put("u8", GgufValue.uint8(255));
        values.put("i8", new GgufValue.Whole(GgufType.INT8, -128));
        values.put("u16", new GgufValue.Whole(GgufType.UINT16, 65_535));
        values.put("i16", new GgufValue.Whole(GgufType.INT16, -32_768));
        values.put("u32", GgufValue.uint32(0xFFFF_FFFFL));
        values.put("i32", GgufValue.int32(Integer.MIN_VALUE));
        values.put("u64", GgufValue.uint64(-1));
        values.put("i64", GgufValue.int64(Long.MIN_VALUE));
        values.put("f32", GgufValue.float32(0.1f));
        values.put("f64", GgufValue.float64(0.1));
        values.put("nan", GgufValue.float32(Float.NaN));
        values.put("yes", GgufValue.bool(true));
        values.put("no", GgufValue.bool(false));
        values.put("text", GgufValue.text("größer 𝄞\0 end"));
        values.put("empty", GgufValue.text(""));
        values.put("[u8]", GgufValue.wholes(GgufType.UINT8, 0, 255));
        values.put("[i8]", GgufValue.wholes(GgufType.INT8, -128, 127));
        values.put("[u16]", GgufValue.wholes(GgufType.UINT16, 0, 65_535));
        values.put("[i16]", GgufValue.wholes(GgufType.INT16, -32_768, 32_767));
        values.put("[u32]", GgufValue.wholes(GgufType.UINT32, 0, 0xFFFF_FFFFL));
        values.put("[i32]", GgufValue.int32s(-1, 0, 1));
        values.put("[u64]", GgufValue.wholes(GgufType.UINT64, -1, 0));
        values.put("[i64]", GgufValue.wholes(GgufType.INT64, Long.MIN_VALUE, Long.MAX_VALUE));
        values.put("[f32]", GgufValue.float32s(1.5f, -0f));
        values.put("[f64]", GgufValue.float64s(Math.PI));
        values.put("[bool]", GgufValue.wholes(GgufType.BOOL, 1, 0, 1));
        values.put("[str]", GgufValue.texts(List.of("", "Ġthe", "日本")));
        values.put("[]", GgufValue.texts(List.of()));
        values.put("[[i32]]", GgufValue.arrays(List.of(GgufValue.int32s(1), GgufValue.texts(List.of("x")))));
        return values;
    }

    @Test
    void everyValueTypeComesBackInOrder() throws IOException {
        var writer = new GgufWriter();
        everyValue().forEach(writer::put);
        writer.write(file);

        GgufFile read = GgufFile.read(file);

        assertThat(read.metadata().asMap()).containsExactlyEntriesOf(everyValue());
        assertThat(read.metadata().asMap().values().stream().map(GgufValue::toString))
                .containsExactlyElementsOf(
                        everyValue().values().stream().map(GgufValue::toString).toList());
        assertThat(read.version()).isEqualTo(3);
        assertThat(read.tensors()).isEmpty();
        assertThat(read.path()).isEqualTo(file);
        assertThat(read.fileSize()).isEqualTo(Files.size(file));
    }

    @Test
    void writingWhatWasReadGivesTheSameBytes() throws IOException {
        var writer = new GgufWriter().put("general.alignment", 64);
        everyValue().forEach(writer::put);
        writer.tensor("a", GgmlType.F32, (row, into) -> into[0] = row, 3, 5)
                .tensor("b", GgmlType.Q8_0, (row, into) -> into[31] = 1, 32)
                .write(file);
        GgufFile read = GgufFile.read(file);

        var again = new GgufWriter().putAll(read.metadata());
        for (GgufTensor tensor : read.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            again.tensor(tensor.name(), tensor.type(), read.source(tensor), shape);
        }
        Path copy = folder.resolve("copy.gguf");
        again.write(copy);

        assertThat(copy).hasSameBinaryContentAs(file);
    }

    @Test
    void aVocabularyLargerThanEveryBufferComesBack() throws IOException {
        List<String> tokens =
                IntStream.range(0, 150_000).mapToObj(i -> "token " + i).toList();
        new GgufWriter()
                .put("tokens", GgufValue.texts(tokens))
                .put("types", GgufValue.wholes(GgufType.INT64, new long[150_000]))
                .put("long", "x".repeat(200_000))
                .write(file);

        GgufMetadata metadata = GgufFile.read(file).metadata();

        assertThat(metadata.array("tokens").orElseThrow().strings()).isEqualTo(tokens);
        assertThat(metadata.array("types").orElseThrow().size()).isEqualTo(150_000);
        assertThat(metadata.string("long", "")).hasSize(200_000);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
    void tensorsOfEncodableTypesComeBackAlignedAndDecoded(GgmlType type) throws IOException {
        new GgufWriter()
                .put("general.alignment", 128)
                .tensor("first", type, (row, into) -> Arrays.fill(into, (float) row), 64, 3, 2)
                .tensor("second", GgmlType.F32, (row, into) -> into[0] = 7)
                .write(file);

        GgufFile read = GgufFile.read(file);
        GgufTensor first = read.tensor("first").orElseThrow();
        GgufTensor second = read.tensor("second").orElseThrow();

        assertThat(read.tensors()).isUnmodifiable();
        assertThat(read.metadata().asMap()).isUnmodifiable();
        assertThat(read.alignment()).isEqualTo(128);
        assertThat(read.dataOffset() % 128).isZero();
        assertThat(second.offset() % 128).isZero();
        assertThat(first.shape()).containsExactly(64L, 3L, 2L);
        assertThat(first.rows()).isEqualTo(6);
        assertThat(first.byteSize()).isEqualTo(type.byteSize(64 * 6));
        assertThat(read.parameters()).isEqualTo(64 * 6 + 1);
        assertThat(read.floats(second)).containsExactly(7f);
        float[] floats = read.floats(first);
        assertThat(floats).hasSize(384);
        for (int i = 0; i < floats.length; i++) {
            assertThat(floats[i]).isCloseTo(Math.floorDiv(i, 64), within(0.01f));
        }
    }

    @Test
    void aSourceThatGivesTooFewOrTooManyBytesLeavesTheOldFileAlone() throws IOException {
        Files.writeString(file, "old");
        for (int wrong : new int[] {0, 11, 13}) {
            var writer = new GgufWriter().tensor("t", GgmlType.F32, TensorSource.of(new byte[wrong]), 3);
            assertThatThrownBy(() -> writer.write(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("12");
        }
        assertThat(file).hasContent("old");
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries).containsExactly(file);
        }
    }

    @Test
    void aSourceMayWriteInPieces() throws IOException {
        TensorSource pieces = out -> {
            for (int i = 0; i < 12; i++) {
                out.write(ByteBuffer.wrap(new byte[] {0}));
            }
        };
        new GgufWriter().tensor("t", GgmlType.F32, pieces, 3).write(file);
        assertThat(GgufFile.read(file).floats(GgufFile.read(file).tensors().getFirst()))
                .containsExactly(0, 0, 0);
    }

    @Test
    void theWriterRefusesWhatNoReaderWouldTake() {
        var writer = new GgufWriter().tensor("t", GgmlType.F32, TensorSource.of(new byte[4]), 1);
        TensorSource.Rows rows = (row, into) -> {};
        assertThatIllegalArgumentException().isThrownBy(() -> writer.put("", "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.put("a\0b", "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.put("general.alignment", 48));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.put("general.alignment", "32"));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.put("k", 1L << 32));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("t", GgmlType.F32, rows, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("x".repeat(64), GgmlType.F32, rows, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("q", GgmlType.Q8_0, rows, 31));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("q", GgmlType.Q4_K, rows, 256));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("q", GgmlType.F32, rows, 1, 1, 1, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> writer.tensor("q", GgmlType.F32, rows, -1));
    }

    @Test
    void aTensorThatWasShortenedAfterReadingIsAnIoFailure() throws IOException {
        new GgufWriter().tensor("t", GgmlType.F32, (row, into) -> {}, 64).write(file);
        GgufFile read = GgufFile.read(file);
        try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            channel.truncate(read.dataOffset() + 8);
        }
        GgufTensor tensor = read.tensors().getFirst();
        assertThatThrownBy(() -> read.floats(tensor)).isInstanceOf(IOException.class);
        var copy = new GgufWriter().tensor("t", GgmlType.F32, read.source(tensor), 64);
        assertThatThrownBy(() -> copy.write(folder.resolve("copy"))).isInstanceOf(IOException.class);
    }
}
