package io.github.panllama;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;

/** States of a model that does not exist. */
public final class States {
    private static final StateFormat.Origin ORIGIN = new StateFormat.Origin(true, "0.5.0", "0123456789abcdef");

    private States() {}

    /** A state of these bytes, whose owner closes it. */
    public static StateCopy of(byte[] data) {
        return StateCopy.of(ORIGIN, data.length, memory -> {
            MemorySegment.copy(MemorySegment.ofArray(data), 0, memory, 0, data.length);
            return data.length;
        });
    }

    /** Reads one, whose owner closes it. */
    public static StateCopy read(InputStream in) throws IOException {
        return StateCopy.read(in, ORIGIN.release(), ORIGIN.fingerprint());
    }

    /** The bytes of a state. */
    public static byte[] bytes(StateCopy copy) {
        return copy.toByteArray();
    }
}
