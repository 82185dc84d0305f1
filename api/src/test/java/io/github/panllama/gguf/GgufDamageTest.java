package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a file, reading it ends in a result or in an {@link InvalidGgufException}. */
class GgufDamageTest {
    @TempDir
    Path folder;

    private byte[] whole = {};

    @BeforeEach
    void writeASmallFile() throws IOException {
        Path file = folder.resolve("small.gguf");
        var writer = new GgufWriter();
        GgufRoundTripTest.everyValue().forEach(writer::put);
        writer.tensor("a", GgmlType.F32, (row, into) -> {}, 3, 5)
                .tensor("b", GgmlType.Q4_0, (row, into) -> {}, 64, 2)
                .write(file);
        whole = Files.readAllBytes(file);
    }

    @Test
    void everyTruncationIsRefusedUnlessOnlyPaddingIsLost() throws IOException {
        GgufReader.Header header = RawGguf.read(whole);
        GgufTensor last = header.tensors().getLast();
        long needed = header.dataOffset() + last.offset() + last.byteSize();
        for (int length = 0; length < needed; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(InvalidGgufException.class)
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> RawGguf.read(part));
        }
        assertThat(RawGguf.read(Arrays.copyOf(whole, (int) needed)).tensors()).isEqualTo(header.tensors());
    }

    @Test
    void truncatedFilesOnDiskAreRefusedToo() throws IOException {
        Path file = folder.resolve("cut.gguf");
        for (int length = 0; length < whole.length / 2; length += 37) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatExceptionOfType(InvalidGgufException.class).isThrownBy(() -> GgufFile.read(file));
        }
    }

    @Test
    void everyByteSetToEveryEdgeValueIsReadOrRefused() throws IOException {
        int refused = 0;
        for (int at = 0; at < whole.length; at++) {
            for (int value : new int[] {0, 1, 0x7F, 0x80, 0xFF}) {
                byte[] damaged = whole.clone();
                damaged[at] = (byte) value;
                refused += readOrRefuse(damaged);
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void randomDamageIsReadOrRefused() throws IOException {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length + 64));
            for (int j = random.nextInt(1, 8); j > 0 && damaged.length > 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            readOrRefuse(damaged);
        }
    }

    private static int readOrRefuse(byte[] bytes) throws IOException {
        try {
            RawGguf.read(bytes);
            return 0;
        } catch (InvalidGgufException e) {
            assertThat(e.byteOffset()).isBetween(0L, (long) bytes.length);
            return 1;
        }
    }
}
