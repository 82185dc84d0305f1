package io.github.panllama;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/**
 * What a context remembered, of all its sequences or of one, copied to host memory outside the Java heap:
 * {@link ContextState#copy}. It can be put back as often as wanted, also into another context of the same model and
 * options, and written as the same bytes that {@link ContextState#save(OutputStream)} writes.
 *
 * <p><b>Threads.</b> Immutable; any. Closing waits for those that use it at that moment.
 */
public final class StateCopy implements AutoCloseable {
    private final Handle handle;
    private final MemorySegment data;
    private final StateFormat.Origin origin;

    private StateCopy(Handle handle, MemorySegment data, StateFormat.Origin origin) {
        this.handle = handle;
        this.data = data;
        this.origin = origin;
    }

    /** Fills memory, and answers how many of the bytes count. */
    interface Filler {
        long fill(MemorySegment memory);
    }

    static StateCopy of(StateFormat.Origin origin, long size, Filler filler) {
        Handle handle = Handle.memory("The state copy");
        try {
            MemorySegment memory = handle.arena().allocate(size);
            return new StateCopy(handle, memory.asSlice(0, filler.fill(memory)), origin);
        } catch (RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    /**
     * Reads what {@link #write} or {@link ContextState#save(OutputStream)} has written, and no more than that.
     *
     * @param model the one that it was made with
     * @throws InvalidStateException if the bytes are not of this model and release of llama.cpp, or damaged
     */
    public static StateCopy read(InputStream in, LlamaModel model) throws IOException {
        return read(in, Llama.release(), fingerprint(model));
    }

    static StateCopy read(InputStream in, String release, String fingerprint) throws IOException {
        Handle handle = Handle.memory("The state copy");
        try {
            StateFormat.Content content = StateFormat.read(in, release, fingerprint, handle.arena());
            return new StateCopy(handle, content.data(), content.origin());
        } catch (IOException | RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    static String fingerprint(LlamaModel model) {
        return model.modelFiles().fingerprint();
    }

    /** Writes it to a stream, which stays open. */
    public void write(OutputStream out) throws IOException {
        try (Handle.Hold _ = handle.hold()) {
            StateFormat.write(out, origin, data);
        }
    }

    byte[] toByteArray() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Bytes of host memory that it takes. */
    public long sizeInBytes() {
        return data.byteSize();
    }

    StateFormat.Origin origin() {
        return origin;
    }

    /** Its bytes, for as long as it is held. */
    MemorySegment data() {
        return data;
    }

    Handle.Hold hold() {
        return handle.hold();
    }

    /** Frees the memory. May be called twice. */
    @Override
    public void close() {
        handle.close();
    }
}
