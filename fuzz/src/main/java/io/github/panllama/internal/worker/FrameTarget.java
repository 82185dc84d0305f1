package io.github.panllama.internal.worker;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What comes from a worker's process: a stream of frames in pieces of any size, and the fields of a frame. */
public final class FrameTarget implements FuzzTarget {
    private static final long BASE = 2L << 20;
    private static final int BYTES_PER_BYTE = 64;
    private static final int KINDS = 11;
    private static final int MOST = 1 << 16;

    /** What a stream gave, and whether it was refused in the end. */
    private record Stream(List<List<Byte>> frames, boolean refused) {}

    private static final class Recorder implements FrameHandler {
        final List<List<Byte>> frames = new ArrayList<>();

        @Override
        public void onFrame(int type, FrameReader frame) throws ProtocolException {
            List<Byte> bytes = new ArrayList<>();
            bytes.add((byte) type);
            while (frame.remaining() > 0) {
                bytes.add((byte) frame.getByte("byte"));
            }
            frames.add(bytes);
        }

        @Override
        public void onEnd(@Nullable IOException reason) {
            throw new AssertionError("nobody has ended it");
        }
    }

    @Override
    public void run(byte[] input) throws Exception {
        Input in = new Input(input);
        if (in.below(2) == 0) {
            stream(in);
        } else {
            fields(in);
        }
    }

    private static void stream(Input in) throws Exception {
        int pieceSize = 1 + in.uint8();
        byte[] bytes = in.rest();
        Stream whole = Allocation.atMost(
                BASE + (long) BYTES_PER_BYTE * bytes.length, () -> decode(bytes, Math.max(1, bytes.length)));
        Expect.equal(decode(bytes, pieceSize), whole, "the frames of pieces and of the whole");
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        for (List<Byte> frame : whole.frames) {
            FrameWriter writer = new FrameWriter(frame.getFirst());
            frame.subList(1, frame.size()).forEach(writer::putByte);
            again.writeBytes(writer.toBytes());
        }
        Expect.that(
                Arrays.equals(again.toByteArray(), Arrays.copyOf(bytes, again.size())),
                "frames are written as they came");
    }

    private static Stream decode(byte[] bytes, int pieceSize) {
        FrameDecoder decoder = new FrameDecoder();
        Recorder recorder = new Recorder();
        try {
            for (int at = 0; at < bytes.length; at += pieceSize) {
                decoder.decode(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + pieceSize)), recorder);
            }
            return new Stream(recorder.frames, false);
        } catch (ProtocolException e) {
            return new Stream(recorder.frames, true);
        }
    }

    /** Reads what the input says is there, and writes what was read. */
    private static void fields(Input in) throws Exception {
        byte[] kinds = in.bytes(in.below(16));
        byte[] bytes = in.rest();
        byte[] written = Allocation.atMost(BASE + (long) BYTES_PER_BYTE * bytes.length, () -> {
            FrameReader reader = FrameReader.of(bytes);
            FrameWriter writer = new FrameWriter(0);
            try {
                for (byte kind : kinds) {
                    copy(Byte.toUnsignedInt(kind) % KINDS, reader, writer);
                }
                reader.end();
            } catch (ProtocolException e) {
                Expect.that(e.getMessage() != null, "it says why");
                return new byte[0];
            }
            return writer.toBytes();
        });
        if (written.length > 0) {
            byte[] fields = Arrays.copyOfRange(written, FrameWriter.LENGTH_BYTES + 1, written.length);
            Expect.that(Arrays.equals(fields, bytes), "fields are written as they came");
        }
    }

    private static void copy(int kind, FrameReader from, FrameWriter to) throws ProtocolException {
        switch (kind) {
            case 0 -> to.putByte(from.getByte("byte"));
            case 1 -> to.putBoolean(from.getBoolean("truth"));
            case 2 -> to.putInt(from.getInt("int"));
            case 3 -> to.putInt(from.getInt("small", -5, 70_000));
            case 4 -> to.putLong(from.getLong("long"));
            case 5 -> to.putLong(from.getLong("positive", 1, Long.MAX_VALUE));
            case 6 -> to.putString(from.getString("text", MOST));
            case 7 -> to.putNullableString(from.getNullableString("text or none", MOST));
            case 8 -> to.putBytes(from.getBytes("bytes", MOST));
            case 9 -> to.putInts(from.getInts("ints", MOST));
            default -> to.putStrings(from.getStrings("texts", MOST, MOST));
        }
    }

    @Override
    public List<byte[]> seeds() {
        FrameWriter one = new FrameWriter(3)
                .putString("größer")
                .putInts(new int[] {1, -2, 3})
                .putBoolean(true);
        FrameWriter two = new FrameWriter(127)
                .putStrings(List.of("", "a"))
                .putNullableString(null)
                .putLong(1L << 40);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.write(4);
        stream.writeBytes(one.toBytes());
        stream.writeBytes(two.toBytes());
        byte[] fields = Arrays.copyOfRange(one.toBytes(), FrameWriter.LENGTH_BYTES + 1, one.toBytes().length);
        ByteArrayOutputStream asFields = new ByteArrayOutputStream();
        asFields.writeBytes(new byte[] {3, 6, 9, 1});
        asFields.writeBytes(fields);
        return List.of(Input.with(0, stream.toByteArray()), Input.with(1, asFields.toByteArray()));
    }
}
