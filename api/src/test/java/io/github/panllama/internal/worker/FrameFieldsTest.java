package io.github.panllama.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a frame's fields are after writing and reading, and what is refused. */
class FrameFieldsTest {
    private static FrameReader read(FrameWriter frame) {
        byte[] bytes = frame.toBytes();
        return FrameReader.of(Arrays.copyOfRange(bytes, 5, bytes.length));
    }

    @Test
    void everyFieldComesBack() throws ProtocolException {
        FrameReader reader = read(new FrameWriter(3)
                .putByte(200)
                .putBoolean(true)
                .putInt(-7)
                .putLong(Long.MIN_VALUE)
                .putFloat(Float.NaN)
                .putDouble(-0.0)
                .putString("Grüße 🦙?")
                .putNullableString(null)
                .putNullableString("")
                .putBytes(new byte[] {1, 2, 3}, 1, 3)
                .putInts(new int[] {4, 5, 6})
                .putFloats(new float[] {1.5f})
                .putStrings(List.of("a", "b")));
        assertThat(reader.getByte("byte")).isEqualTo(200);
        assertThat(reader.getBoolean("boolean")).isTrue();
        assertThat(reader.getInt("int", -7, -7)).isEqualTo(-7);
        assertThat(reader.getLong("long")).isEqualTo(Long.MIN_VALUE);
        assertThat(reader.getFloat("float")).isNaN();
        assertThat(reader.getDouble("double")).isEqualTo(-0.0);
        assertThat(reader.getString("string", 100)).isEqualTo("Grüße 🦙?");
        assertThat(reader.getNullableString("null", 100)).isNull();
        assertThat(reader.getNullableString("empty", 100)).isEmpty();
        assertThat(reader.getBytes("bytes", 2)).containsExactly(2, 3);
        assertThat(reader.getInts("ints", 3)).containsExactly(4, 5, 6);
        assertThat(reader.getFloats("floats", 3)).containsExactly(1.5f);
        assertThat(reader.getStrings("strings", 2, 1)).containsExactly("a", "b");
        reader.end();
    }

    @Test
    void halfOfASurrogatePairIsRefusedWithItsPlace() {
        for (String text : List.of("a\ud83e", "?\udd99", "ü\ud83eü", "\ud83e\ud83e\udd99")) {
            assertThatThrownBy(() -> new FrameWriter(0).putString(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("half of a surrogate pair");
        }
    }

    @Test
    void frameOverTheLimitIsRefusedWhenItIsWritten() {
        byte[] half = new byte[FrameWriter.MAX_FRAME / 2];
        FrameWriter frame = new FrameWriter(0).putBytes(half);
        assertThatThrownBy(() -> frame.putBytes(half))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("over the limit of " + FrameWriter.MAX_FRAME);
        assertThatThrownBy(() -> new FrameWriter(128)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fieldOutsideItsBoundsIsNamedWithValueAndBounds() {
        assertThatThrownBy(() -> read(new FrameWriter(0).putInt(9)).getInt("maxTokens", 1, 8))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("maxTokens before byte 4 is 9, which is not in 1..8");
        assertThatThrownBy(() -> read(new FrameWriter(0).putByte(2)).getBoolean("flag"))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> read(new FrameWriter(0).putInts(new int[4])).getInts("tokens", 3))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("tokens at byte 0 has 4 elements; 0 to 3 may be there");
        assertThatThrownBy(() -> read(new FrameWriter(0).putInt(0)).end())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("4 bytes more");
    }

    @Test
    void countThatTheFrameCannotHoldAllocatesNothing() {
        FrameWriter lie = new FrameWriter(0).putInt(Integer.MAX_VALUE);
        List<Read> reads = List.of(
                reader -> reader.getInts("x", Integer.MAX_VALUE),
                reader -> reader.getFloats("x", Integer.MAX_VALUE),
                reader -> reader.getBytes("x", Integer.MAX_VALUE),
                reader -> reader.getString("x", Integer.MAX_VALUE),
                reader -> reader.getStrings("x", Integer.MAX_VALUE, 1));
        for (Read field : reads) {
            assertThatThrownBy(() -> field.read(read(lie)))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("the frame ends within x");
        }
    }

    @Test
    void textThatIsNotUtf8IsRefusedWithItsPlace() {
        byte[] broken = {'a', (byte) 0xc3, '('};
        assertThatThrownBy(() -> read(new FrameWriter(0).putBytes(broken)).getString("text", 9))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("text at byte 5 is not UTF-8");
    }

    /** Reads a field. */
    private interface Read {
        Object read(FrameReader reader) throws ProtocolException;
    }

    @Test
    void streamCutAnywhereGivesTheSameFrames() throws IOException {
        byte[] stream = concatenate(
                new FrameWriter(1).putString("one").toBytes(),
                new FrameWriter(2).putBytes(new byte[200_000]).toBytes(),
                new FrameWriter(3).toBytes(),
                new FrameWriter(127).putInt(4).toBytes());
        Random random = new Random(7);
        for (int piece : new int[] {1, 2, 3, 5, 70_000, stream.length}) {
            Recorder recorder = new Recorder();
            FrameDecoder decoder = new FrameDecoder();
            for (int from = 0; from < stream.length; ) {
                int to = Math.min(stream.length, from + 1 + random.nextInt(piece));
                decoder.decode(Arrays.copyOfRange(stream, from, to), recorder);
                from = to;
            }
            decoder.end();
            assertThat(recorder.frames).containsExactly("1:7", "2:200004", "3:0", "127:4");
        }
    }

    private static byte[] concatenate(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Test
    void lengthsAndTypesThatAreNotAllowedEndTheStream() {
        for (byte[] bytes : List.of(
                new byte[] {0, 0, 0, 0, 0},
                new byte[] {-1, -1, -1, -1, 0},
                new byte[] {127, -1, -1, -1, 0},
                new byte[] {4, 0, 0, 1, 0},
                new byte[] {0, 0, 0, 1, -128})) {
            assertThatThrownBy(() -> new FrameDecoder().decode(bytes, new Recorder()))
                    .as(Arrays.toString(bytes))
                    .isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void streamThatEndsWithinAFrameIsToldFromOneThatEndsBetweenTwo() throws IOException {
        FrameDecoder decoder = new FrameDecoder();
        decoder.decode(new FrameWriter(1).toBytes(), new Recorder());
        decoder.end();
        decoder.decode(new byte[] {0, 0, 0}, new Recorder());
        assertThatThrownBy(decoder::end).isInstanceOf(ProtocolException.class).hasMessageContaining("3 bytes");
    }

    /** Keeps type and size of each frame. */
    private static final class Recorder implements FrameHandler {
        final List<String> frames = new ArrayList<>();

        @Override
        public void onFrame(int type, FrameReader frame) {
            frames.add(type + ":" + frame.remaining());
        }

        @Override
        public void onEnd(@Nullable IOException reason) {}
    }
}
