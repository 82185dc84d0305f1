package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each way to be malformed is refused with the offset of the wrong field and the key that it belongs to. */
class GgufMalformedTest {
    private static void refused(RawGguf raw, long offset, @Nullable String key, String message) {
        byte[] bytes = raw.toBytes();
        var failure = catchThrowableOfType(InvalidGgufException.class, () -> RawGguf.read(bytes));
        assertThat(failure).as(message).isNotNull();
        assertThat(failure).hasMessageContaining(message);
        assertThat(failure.byteOffset()).as(failure.getMessage()).isEqualTo(offset);
        assertThat(failure.key()).isEqualTo(key);
    }

    private static void refused(RawGguf raw, @Nullable String key, String message) {
        refused(raw, raw.mark(), key, message);
    }

    private static RawGguf key(GgufType type) {
        return RawGguf.header(0, 1).key("k", type);
    }

    private static RawGguf tensor(GgmlType type, long... shape) {
        return RawGguf.header(1, 0).tensor("t", type, shape);
    }

    @Test
    void magic() {
        refused(new RawGguf().zeros(24), 0, null, "not a GGUF file");
        refused(new RawGguf().raw("<html>ÿ".getBytes(StandardCharsets.UTF_8)), 0, null, "0x3c68746d");
    }

    @Test
    void version() {
        refused(new RawGguf().int32(GgufReader.MAGIC).int32(0), null, "unknown GGUF version 0");
        refused(new RawGguf().int32(GgufReader.MAGIC).int32(1), null, "version 1 is not supported");
        refused(new RawGguf().int32(GgufReader.MAGIC).int32(4), null, "unknown GGUF version 4");
        refused(new RawGguf().int32(GgufReader.MAGIC).int32(3 << 24), null, "big-endian");
    }

    @Test
    void versionTwoIsRead() throws IOException {
        byte[] bytes =
                new RawGguf().int32(GgufReader.MAGIC).int32(2).int64(0).int64(0).toBytes();
        assertThat(RawGguf.read(bytes).version()).isEqualTo(2);
    }

    @Test
    void countsThatTheFileCannotHold() {
        refused(RawGguf.header(-1, 0), 8, null, "number of tensors is 18446744073709551615");
        refused(RawGguf.header(1L << 40, 0), 8, null, "number of tensors is 1099511627776");
        refused(RawGguf.header(1, 0), 16, null, "does not fit the 8 bytes left");
        refused(RawGguf.header(0, Long.MIN_VALUE), null, "number of keys is 9223372036854775808");
        refused(RawGguf.header(0, 1), 24, null, "number of keys of 1 × 14 bytes does not fit the 0 bytes left");
    }

    @Test
    void keys() {
        refused(RawGguf.header(0, 1).string("").zeros(20), 24, null, "key is empty");
        refused(RawGguf.header(0, 1).string("a\0b").zeros(20), 24, null, "key contains NUL");
        refused(RawGguf.header(0, 1).int64(1).int8(0xFF).zeros(20), 24, null, "key is not UTF-8");
        refused(RawGguf.header(0, 1).int64(1000).zeros(20), 32, null, "does not fit the 20 bytes left");
        refused(RawGguf.header(0, 1).int64(-5).zeros(20), 24, null, "length of the key is 18446744073709551611");
        RawGguf twice = RawGguf.header(0, 2).key("k", GgufType.BOOL).int8(1);
        int second = twice.toBytes().length;
        refused(twice.key("k", GgufType.BOOL).int8(1), second, "k", "appears twice");
    }

    @Test
    void valueTypes() {
        refused(RawGguf.header(0, 1).string("k").int32(13).zeros(9), 33, "k", "unknown value type 13");
        refused(RawGguf.header(0, 1).string("k").int32(-1).zeros(9), 33, "k", "unknown value type 4294967295");
        refused(key(GgufType.ARRAY).int32(99).int64(0), 37, "k", "unknown value type 99");
    }

    @Test
    void stringAndArrayLengths() {
        refused(key(GgufType.STRING).int64(100).zeros(3), 45, "k", "does not fit the 3 bytes left");
        refused(key(GgufType.STRING).int64(-1), "k", "length of the string is 18446744073709551615");
        refused(key(GgufType.ARRAY).int32(GgufType.INT32.id()).int64(1L << 61), 41, "k", "length of the array");
        refused(key(GgufType.ARRAY).int32(GgufType.INT32.id()).int64(3).zeros(11), 49, "k", "3 × 4 bytes does not fit");
        refused(key(GgufType.ARRAY).int32(GgufType.STRING.id()).int64(2).zeros(15), 49, "k", "2 × 8 bytes");
        refused(
                key(GgufType.ARRAY)
                        .int32(GgufType.STRING.id())
                        .int64(1)
                        .int64(9)
                        .zeros(8),
                57,
                "k",
                "length of a string in the array of 9 bytes does not fit");
    }

    @Test
    void nestedArrays() {
        RawGguf deep = key(GgufType.ARRAY);
        for (int i = 0; i < 4; i++) {
            deep.int32(GgufType.ARRAY.id()).int64(1);
        }
        refused(deep.int32(GgufType.BOOL.id()).int64(0), 37 + 4 * 12, "k", "nested deeper than 4");
        refused(key(GgufType.ARRAY).int32(GgufType.ARRAY.id()).int64(5).zeros(59), 49, "k", "5 × 12 bytes");
        refused(key(GgufType.ARRAY).int32(GgufType.ARRAY.id()).int64(70_000), 41, "k", "at most 65536");
    }

    @Test
    void alignment() {
        String name = GgufReader.ALIGNMENT_KEY;
        for (int wrong : new int[] {0, 3, 48, 1 << 21, Integer.MIN_VALUE}) {
            RawGguf raw = RawGguf.header(0, 1).key(name, GgufType.UINT32).int32(wrong);
            refused(raw, 24, name, "not a power of two up to 1048576");
        }
        refused(RawGguf.header(0, 1).key(name, GgufType.UINT64).int64(32), 24, name, "must be a UINT32");
    }

    @Test
    void tensorNames() {
        refused(RawGguf.header(1, 0).string("").zeros(40), 24, null, "tensor name is empty");
        refused(RawGguf.header(1, 0).string("x".repeat(64)).zeros(40), 24, null, "at most 63");
        refused(RawGguf.header(1, 0).string("a\0").zeros(40), 24, null, "contains NUL");
        RawGguf twice = RawGguf.header(2, 0).tensor("t", GgmlType.F32, 8).int64(0);
        int second = twice.toBytes().length;
        refused(twice.tensor("t", GgmlType.F32, 8).int64(32).zeros(100), second, "t", "appears twice");
    }

    @Test
    void shapes() {
        refused(RawGguf.header(1, 0).string("t").int32(5).zeros(60), 33, "t", "5 dimensions, at most 4");
        refused(RawGguf.header(1, 0).string("t").int32(-1).zeros(60), 33, "t", "4294967295 dimensions");
        refused(tensor(GgmlType.F32, 4, -1).int64(0), 33, "t", "dimension -1 is negative");
        refused(tensor(GgmlType.F32, 1L << 32, 1L << 32).int64(0), 33, "t", "than 63 bits hold");
        refused(tensor(GgmlType.F32, 1L << 32, 1L << 32, 0).int64(0), 33, "t", "than 63 bits hold");
        refused(tensor(GgmlType.F64, 1L << 60).int64(0), 33, "t", "than 63 bits hold");
        refused(tensor(GgmlType.Q8_0, 33).int64(0).zeros(64), 33, "t", "not a multiple of q8_0's block of 32");
    }

    @Test
    void tensorTypes() {
        for (int wrong : new int[] {-1, 4, 5, 31, 32, 33, 36, 37, 38, 43, Integer.MAX_VALUE}) {
            RawGguf raw = RawGguf.header(1, 0).string("t").int32(1).int64(32).int32(wrong);
            int at = raw.mark();
            refused(raw.int64(0).zeros(200), at, "t", "unknown or withdrawn tensor type " + wrong);
        }
    }

    @Test
    void offsets() {
        RawGguf first = tensor(GgmlType.F32, 8).int64(32);
        refused(first, "t", "the data begins at 32, expected 0");
        RawGguf negative = tensor(GgmlType.F32, 8).int64(-32);
        refused(negative, "t", "the data begins at 18446744073709551584, expected 0");
        RawGguf gap = RawGguf.header(2, 0).tensor("a", GgmlType.F32, 1).int64(0).tensor("b", GgmlType.F32, 1);
        refused(gap.int64(64), "b", "the data begins at 64, expected 32");
    }

    @Test
    void tensorDataOutsideTheFile() throws IOException {
        RawGguf raw = tensor(GgmlType.F32, 8).int64(0);
        int end = raw.toBytes().length;
        refused(tensor(GgmlType.F32, 1000).int64(0), end - 8, "t", "the data ends at 4000 of the data section");
        refused(raw, end, "t", "the file is truncated");
        refused(raw.zeros(64 - end + 31), end, "t", "tensor data ends at 96, the file at 95");
        assertThat(RawGguf.read(raw.zeros(1).toBytes()).dataOffset()).isEqualTo(64);
    }

    @Test
    void emptyTensorsNeedNoData() {
        byte[] bytes = tensor(GgmlType.F32, 8, 0).int64(0).zeros(32).toBytes();
        assertThatCode(() -> RawGguf.read(bytes)).doesNotThrowAnyException();
    }

    @Test
    void aFileThatEndsBeforeItsSizeIsRefused() {
        byte[] bytes =
                RawGguf.header(0, 1).key("k", GgufType.STRING).int64(1000).toBytes();
        var failure = catchThrowableOfType(
                InvalidGgufException.class, () -> GgufReader.read(RawGguf.source(bytes), bytes.length + 1000));
        assertThat(failure).hasMessageContaining("the file ends inside the string");
        assertThat(failure.byteOffset()).isEqualTo(bytes.length);
    }

    @Test
    void aSparseGiantIsRefusedBeforeMemoryIsTaken() {
        byte[] bytes = key(GgufType.ARRAY)
                .int32(GgufType.INT64.id())
                .int64(200_000_000)
                .toBytes();
        var failure = catchThrowableOfType(
                InvalidGgufException.class, () -> GgufReader.read(RawGguf.source(bytes), 1L << 40));
        assertThat(failure).hasMessageContaining("the header exceeds 536870912 bytes");
    }
}
