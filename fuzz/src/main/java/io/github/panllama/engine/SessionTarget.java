package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.StateCopy;
import io.github.panllama.States;
import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.Input;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;

/** The reader of session files: fed with bytes as they are, packed, with the right checksum, and with one bit turned. */
public final class SessionTarget implements FuzzTarget {
    private static final int VOCABULARY = 256;
    private static final int TOKENS = 4096;
    private static final SessionLimits LIMITS = new SessionLimits(TOKENS, TOKENS, 1 << 18, 64);
    /** As much as the limits let a file unpack to, however small it is. */
    private static final long MOST = 16L << 20;

    /** What a file has, as bytes that can be compared. */
    private record Kept(List<Integer> tokens, List<Integer> computed, List<Byte> state) {}

    @Override
    public void run(byte[] input) throws Exception {
        Input in = new Input(input);
        switch (in.below(4)) {
            case 0 -> read(in.rest());
            case 1 -> read(packed(in.rest()));
            case 2 -> read(packed(withChecksum(in)));
            default -> oneBitTurned(in);
        }
    }

    /** Empty where it is refused. */
    private static Optional<Kept> read(byte[] bytes) throws Exception {
        return Allocation.atMost(MOST, () -> {
            SessionFile.Content content;
            try {
                content = parse(bytes);
            } catch (InvalidStateException e) {
                return Optional.empty();
            }
            try {
                Kept session = session(content);
                SessionFile.Content again = parse(write(content));
                Expect.equal(session(again), session, "what is written and read again");
                close(again);
                return Optional.of(session);
            } finally {
                close(content);
            }
        });
    }

    private static SessionFile.Content parse(byte[] bytes) throws IOException {
        return SessionFile.read(new ByteArrayInputStream(bytes), VOCABULARY, States::read, LIMITS);
    }

    private static Kept session(SessionFile.Content content) {
        StateCopy copy = content.copy;
        byte[] state = copy == null ? new byte[0] : States.bytes(copy);
        Byte[] boxed = new Byte[state.length];
        Arrays.setAll(boxed, i -> state[i]);
        return new Kept(list(content.tokens), list(content.computed), List.of(boxed));
    }

    private static List<Integer> list(int[] tokens) {
        return Arrays.stream(tokens).boxed().toList();
    }

    private static void close(SessionFile.Content content) {
        if (content.copy != null) {
            content.copy.close();
        }
    }

    private static byte[] write(SessionFile.Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SessionFile.write(bytes, content);
        return bytes.toByteArray();
    }

    private static byte[] packed(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream head = new DataOutputStream(bytes);
        head.writeLong(0x50414e4c53455353L);
        head.writeInt(2);
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    /** Tokens with the right checksum, and then what may be a state of the size that was said. */
    private static byte[] withChecksum(Input in) throws IOException {
        int[] tokens = tokens(in);
        int[] computed = tokens(in);
        long size = in.int32();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        for (int[] some : new int[][] {tokens, computed}) {
            data.writeInt(some.length);
            for (int token : some) {
                data.writeInt(token);
            }
        }
        data.writeLong(size);
        data.writeLong(SessionFile.checksum(tokens, computed, size));
        data.write(in.rest());
        return bytes.toByteArray();
    }

    private static int[] tokens(Input in) {
        int[] tokens = new int[in.uint8()];
        Arrays.setAll(tokens, i -> in.uint8());
        return tokens;
    }

    private static void oneBitTurned(Input in) throws Exception {
        int at = in.int32();
        int[] tokens = tokens(in);
        byte[] state = in.rest();
        SessionFile.Content content =
                new SessionFile.Content(tokens, tokens, state.length == 0 ? null : States.of(state));
        try {
            byte[] whole = write(content);
            Kept session = session(content);
            Expect.equal(read(whole).orElse(null), session, "what is written and read");
            whole[Math.floorMod(at >> 3, whole.length)] ^= (byte) (1 << (at & 7));
            // Where the packed bits end, some may be left that mean nothing.
            Kept damaged = read(whole).orElse(session);
            Expect.equal(damaged, session, "what is read with a turned bit, and without");
        } finally {
            close(content);
        }
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        StateCopy state = States.of(new byte[50]);
        byte[] whole = write(new SessionFile.Content(new int[] {1, 2, 3}, new int[] {1, 2}, state));
        state.close();
        byte[] some = {2, 7, 8, 1, 7, 0, 0, 0, 0, 9};
        return List.of(
                Input.with(0, whole),
                Input.with(1, new byte[24]),
                Input.with(2, some),
                Input.with(3, new byte[] {0, 0, 0, 77, 2, 7, 8, 1, 2, 3, 4}),
                Input.with(3, new byte[4]));
    }
}
