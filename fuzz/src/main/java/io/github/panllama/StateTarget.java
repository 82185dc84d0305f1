package io.github.panllama;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The reader of saved states: fed with bytes as they are, in a frame whose checksum is right, and with one bit turned. */
public final class StateTarget implements FuzzTarget {
    private static final String RELEASE = "0.5.0";
    private static final String FINGERPRINT = "0123456789abcdef";
    private static final byte[] BEHIND = {1, 2, 3};
    private static final long BASE = 4L << 20;
    private static final int BYTES_PER_BYTE = 16;

    @Override
    public void run(byte[] input) throws Exception {
        Input in = new Input(input);
        switch (in.below(4)) {
            case 0 -> read(in.rest());
            case 1 -> read(withChecksum(in.rest()));
            case 2 -> read(framed(in));
            default -> oneBitTurned(in);
        }
    }

    /** The state; empty where it is refused. */
    private static Optional<byte[]> read(byte[] bytes) throws Exception {
        byte[] more = Arrays.copyOf(bytes, bytes.length + BEHIND.length);
        System.arraycopy(BEHIND, 0, more, bytes.length, BEHIND.length);
        return Allocation.atMost(BASE + (long) BYTES_PER_BYTE * more.length, () -> {
            ByteArrayInputStream in = new ByteArrayInputStream(more);
            try (Arena arena = Arena.ofConfined()) {
                StateFormat.Content content = StateFormat.read(in, RELEASE, FINGERPRINT, arena);
                byte[] data = content.data().toArray(ValueLayout.JAVA_BYTE);
                byte[] written = write(content.origin(), data);
                Expect.that(in.available() >= BEHIND.length, "no more than the state is read");
                Expect.that(Arrays.equals(data, again(written, arena)), "what is read is written and read again");
                return Optional.of(data);
            } catch (InvalidStateException e) {
                return Optional.empty();
            }
        });
    }

    private static byte[] again(byte[] written, Arena arena) throws IOException {
        return StateFormat.read(new ByteArrayInputStream(written), RELEASE, FINGERPRINT, arena)
                .data()
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] write(StateFormat.Origin origin, byte[] data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StateFormat.write(bytes, origin, MemorySegment.ofArray(data));
        return bytes.toByteArray();
    }

    private static byte[] withChecksum(byte[] bytes) {
        byte[] digest = StateFormat.sha256().digest(bytes);
        byte[] all = Arrays.copyOf(bytes, bytes.length + digest.length);
        System.arraycopy(digest, 0, all, bytes.length, digest.length);
        return all;
    }

    /** A frame of which the input says what is right: the length, the release, the checksum. */
    private static byte[] framed(Input in) throws IOException {
        int wrong = in.uint8();
        long length = (long) in.int32() << in.below(32);
        byte[] state = in.rest();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeLong(0x50414e4c53544154L);
        data.writeInt((wrong & 1) == 0 ? 1 : wrong);
        data.writeByte((wrong >> 1) & 3);
        data.writeUTF((wrong & 8) == 0 ? RELEASE : "0.4.0");
        data.writeUTF((wrong & 16) == 0 ? FINGERPRINT : "\0");
        data.writeLong((wrong & 32) == 0 ? state.length : length);
        data.write(state);
        data.write((wrong & 64) == 0 ? StateFormat.sha256().digest(bytes.toByteArray()) : new byte[32]);
        return bytes.toByteArray();
    }

    private static void oneBitTurned(Input in) throws Exception {
        int at = in.int32();
        byte[] state = in.rest();
        byte[] whole = write(new StateFormat.Origin(true, RELEASE, FINGERPRINT), state);
        Optional<byte[]> read = read(whole);
        Expect.that(read.isPresent() && Arrays.equals(read.get(), state), "what is written is read");
        byte[] damaged = whole.clone();
        damaged[Math.floorMod(at >> 3, damaged.length)] ^= (byte) (1 << (at & 7));
        Expect.that(read(damaged).isEmpty(), "a turned bit is seen");
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        byte[] whole = write(new StateFormat.Origin(false, RELEASE, FINGERPRINT), new byte[100]);
        return List.of(
                Input.with(0, whole),
                Input.with(1, Arrays.copyOf(whole, whole.length - 32)),
                Input.with(2, new byte[40]),
                Input.with(3, new byte[40]));
    }
}
