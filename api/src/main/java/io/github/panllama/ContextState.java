package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.internal.PartFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a context remembers, of all its sequences or of one, as bytes that can be kept and put back: into the same
 * context later, or into another one of the same model and options. The bytes begin with the release of llama.cpp and a
 * fingerprint of the model and end with a checksum; what does not match is refused before native code sees it.
 *
 * <p>Outputs are not part of it: after a restore, decode before reading logits. After {@link ContextMemory#copy} between
 * parts of a KV cache that is not unified, {@link ContextMemory#shift} and {@link ContextMemory#divide}, which the next
 * decode carries out, saving and restoring throw {@link IllegalStateException} until then.
 *
 * <p><b>Threads.</b> Those of its context: one call at a time.
 */
public final class ContextState {
    /** For {@code sequence}: all of them. */
    private static final int EVERY_SEQUENCE = -1;

    private final LlamaContext context;
    private final int sequence;

    private ContextState(LlamaContext context, int sequence) {
        this.context = context;
        this.sequence = sequence;
    }

    static ContextState whole(LlamaContext context) {
        return new ContextState(context, EVERY_SEQUENCE);
    }

    static ContextState ofSequence(LlamaContext context, int sequence) {
        return new ContextState(context, Check.index("sequence", sequence, context.maxSequences()));
    }

    /** Bytes that the state has now, without what frames it. ({@code llama_state_get_size}) */
    public long sizeInBytes() {
        context.owner().enter();
        try {
            return size();
        } finally {
            context.owner().exit();
        }
    }

    /** The state in host memory, outside the Java heap. ({@code llama_state_get_data}) */
    @SuppressWarnings("MustBeClosed") // the caller's
    public StateCopy copy() {
        context.owner().enter();
        try {
            return copyOwned();
        } finally {
            context.owner().exit();
        }
    }

    private StateCopy copyOwned() {
        checkReady();
        return StateCopy.of(origin(), size(), this::get);
    }

    private long get(MemorySegment memory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment written = arena.allocate(JAVA_LONG);
            Natives.check(
                    LlamaC.panllama_state_get(
                            context.handle().pointer(), sequence, 0, memory, memory.byteSize(), written),
                    "Saving the state");
            return written.get(JAVA_LONG, 0);
        }
    }

    /** The state as an array. */
    public byte[] save() {
        try (StateCopy copy = copy()) {
            return copy.toByteArray();
        }
    }

    /** Writes the state to a stream, which stays open. */
    public void save(OutputStream out) throws IOException {
        context.owner().enter();
        try (StateCopy copy = copyOwned()) {
            copy.write(out);
        } finally {
            context.owner().exit();
        }
    }

    /** Writes the state to a file: to another name first, so that the file is whole or not there. */
    public void save(Path file) throws IOException {
        try (PartFile part = PartFile.of(file)) {
            // Others may not read along: it has the conversation.
            try (OutputStream out = Channels.newOutputStream(part.createPrivate())) {
                save(out);
            }
            part.publish();
        }
    }

    /**
     * Puts a state back.
     *
     * @throws InvalidStateException if the bytes are not of this model and release, or damaged; the context is as it was.
     *     Also if they are of a context whose options do not fit; what they were to replace is forgotten then
     */
    public void restore(byte[] state) {
        try {
            restore(new ByteArrayInputStream(state));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a state back from a file. */
    public void restore(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            restore(in);
        }
    }

    /** Puts a state back from a stream, reading no more than the state. */
    public void restore(InputStream in) throws IOException {
        context.owner().enter();
        try {
            checkReady();
            try (StateCopy copy = StateCopy.read(in, context.model())) {
                restoreOwned(copy);
            }
        } finally {
            context.owner().exit();
        }
    }

    /** Puts a state back from host memory. ({@code llama_state_set_data}) */
    public void restore(StateCopy copy) {
        context.owner().enter();
        try (Handle.Hold _ = copy.hold()) {
            checkReady();
            restoreOwned(copy);
        } finally {
            context.owner().exit();
        }
    }

    private void checkReady() {
        context.handle().pointer();
        context.memory().checkSettled();
    }

    private void restoreOwned(StateCopy copy) {
        copy.origin().check(origin());
        context.outputs().forget();
        MemorySegment data = copy.data();
        MemorySegment pointer = context.handle().pointer();
        int status = LlamaC.panllama_state_set(pointer, sequence, 0, data, data.byteSize());
        if (status != LlamaC.PANLLAMA_OK()) {
            String reason = Natives.lastError();
            // What was put back in part is no state at all.
            if (sequence == EVERY_SEQUENCE) {
                LlamaC.panllama_memory_clear(pointer, true);
            }
            throw new InvalidStateException(
                    "The state does not fit this context, whose options differ from its origin's: " + reason);
        }
    }

    private long size() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(JAVA_LONG);
            Natives.check(
                    LlamaC.panllama_state_size(context.handle().pointer(), sequence, 0, size), "Measuring the state");
            return size.get(JAVA_LONG, 0);
        }
    }

    private StateFormat.Origin origin() {
        return new StateFormat.Origin(
                sequence != EVERY_SEQUENCE, Llama.release(), StateCopy.fingerprint(context.model()));
    }
}
