package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.github.panllama.bindings.NativeLog;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.gguf.GgufFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A low-rank adapter (LoRA): small matrices that change what a model does, applied to contexts by
 * {@link LlamaContext#setAdapters}. Its memory goes when it is closed and no context applies it any more.
 *
 * <p><b>Threads.</b> May be shared by contexts of any threads.
 */
public final class LoraAdapter implements AutoCloseable {
    private final LlamaModel model;
    private final Handle handle;
    private final Path file;

    private LoraAdapter(LlamaModel model, Handle handle, Path file) {
        this.model = model;
        this.handle = handle;
        this.file = file;
    }

    /**
     * Loads an adapter for a model. ({@code llama_adapter_lora_init})
     *
     * @param file a GGUF file of type {@code adapter}, made for a model of the same architecture and shape
     * @throws ModelLoadException if it cannot be read, is malformed, or does not fit the model
     */
    public static LoraAdapter load(LlamaModel model, Path file) {
        MemorySegment base = model.handle().pointer();
        GgufFile header = ModelFiles.read(file);
        LoraCheck.check(header, model);
        try (Arena arena = Arena.ofConfined();
                Handle.Hold _ = model.handle().hold();
                NativeLog.Capture log = NativeLog.capture()) {
            MemorySegment out = arena.allocate(ADDRESS);
            Object lock = model.adapterLock();
            int status;
            synchronized (lock) {
                status = LlamaC.panllama_lora_load(base, arena.allocateFrom(file.toString()), out);
            }
            if (status != LlamaC.PANLLAMA_OK()) {
                throw new ModelLoadException(
                        "Cannot load the adapter %s: %s".formatted(file, Natives.lastError()), log.lines());
            }
            Handle handle = Handle.adopt(
                    "The adapter " + file.getFileName(),
                    out.get(ADDRESS, 0),
                    pointer -> free(pointer, lock),
                    model.handle());
            return new LoraAdapter(model, handle, file);
        }
    }

    /** The model keeps a list of its adapters, which loading and freeing change. */
    private static void free(MemorySegment pointer, Object lock) {
        synchronized (lock) {
            LlamaC.panllama_lora_free(pointer);
        }
    }

    /** The file that it was loaded from. */
    public Path file() {
        return file;
    }

    /** The model that it was loaded for. */
    public LlamaModel model() {
        return model;
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Ends the use of the adapter. May be called twice, and while contexts apply it. */
    @Override
    public void close() {
        handle.close();
    }

    Handle handle() {
        return handle;
    }
}
