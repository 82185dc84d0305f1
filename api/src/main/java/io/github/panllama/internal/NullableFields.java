package io.github.panllama.internal;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import org.jspecify.annotations.Nullable;

/** Fields of a frame that may be absent: a byte that tells whether they are there, and the value. Constants, too. */
public final class NullableFields {
    private NullableFields() {}

    /** Writes whether a value is there; answers the same. */
    private static boolean present(FrameWriter out, @Nullable Object value) {
        out.putBoolean(value != null);
        return value != null;
    }

    /** Writes an integer. */
    public static void put(FrameWriter out, @Nullable Integer value) {
        if (present(out, value) && value != null) {
            out.putInt(value);
        }
    }

    /** Writes a number. */
    public static void put(FrameWriter out, @Nullable Float value) {
        if (present(out, value) && value != null) {
            out.putFloat(value);
        }
    }

    /** Writes a truth value. */
    public static void put(FrameWriter out, @Nullable Boolean value) {
        if (present(out, value) && value != null) {
            out.putBoolean(value);
        }
    }

    /** Writes a constant, by its place. */
    public static void put(FrameWriter out, @Nullable Enum<?> value) {
        if (present(out, value) && value != null) {
            putConstant(out, value);
        }
    }

    /** Writes a constant that is always there, by its place, which is part of the protocol. */
    @SuppressWarnings("EnumOrdinal")
    public static void putConstant(FrameWriter out, Enum<?> value) {
        out.putInt(value.ordinal());
    }

    /** Reads an integer. */
    public static @Nullable Integer integer(FrameReader in, String name) throws ProtocolException {
        return in.getBoolean(name) ? (Integer) in.getInt(name) : null;
    }

    /** Reads a number. */
    public static @Nullable Float real(FrameReader in, String name) throws ProtocolException {
        return in.getBoolean(name) ? (Float) in.getFloat(name) : null;
    }

    /** Reads a truth value. */
    public static @Nullable Boolean truth(FrameReader in, String name) throws ProtocolException {
        return in.getBoolean(name) ? (Boolean) in.getBoolean(name) : null;
    }

    /** Reads a constant that may be absent. */
    public static <E extends Enum<E>> @Nullable E constant(FrameReader in, String name, Class<E> type)
            throws ProtocolException {
        return in.getBoolean(name) ? required(in, name, type) : null;
    }

    /** Reads a constant that is always there. */
    public static <E extends Enum<E>> E required(FrameReader in, String name, Class<E> type) throws ProtocolException {
        E[] all = type.getEnumConstants();
        return all[in.getInt(name, 0, all.length - 1)];
    }
}
