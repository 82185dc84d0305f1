package io.github.panllama.internal;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lends how options are written and read to the packages that send them to another process: their fields are part of no
 * public signature.
 *
 * <p><b>Threads.</b> Any.
 */
public final class OptionCodecs {
    private static final Map<Class<?>, Codec<?, ?>> CODECS = new ConcurrentHashMap<>();

    private OptionCodecs() {}

    /**
     * Writes one kind of options, and reads what makes them again.
     *
     * @param <T> the options
     * @param <R> what is read, such as a builder
     */
    public interface Codec<T, R> {
        /**
         * Writes the options.
         *
         * @throws UnsupportedOperationException if they hold what belongs to this process alone
         */
        void write(T options, FrameWriter out);

        /**
         * Reads what {@link #write} has written.
         *
         * @throws ProtocolException if it is something else
         */
        R read(FrameReader in) throws ProtocolException;
    }

    /** Told by the class of the options, once. */
    public static <T> void register(Class<T> type, Codec<T, ?> codec) {
        CODECS.put(type, codec);
    }

    /** The codec of a kind of options, which is there when the class of the options is initialised. */
    @SuppressWarnings("unchecked") // who registers and who asks agree on it
    public static <T, R> Codec<T, R> of(Class<T> type) {
        return (Codec<T, R>) Objects.requireNonNull(CODECS.get(type), () -> "no codec of " + type.getName());
    }
}
