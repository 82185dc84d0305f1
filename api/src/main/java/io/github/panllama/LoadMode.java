package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** How a model's weights come from the file into memory. */
public enum LoadMode {
    /**
     * Memory-mapped where the devices allow it, and read where others may write to the file: its group, everybody, or an
     * owner that is neither this process's user nor root.
     */
    AUTO(LlamaC.LLAMA_LOAD_MODE_AUTO()),
    /** Read into memory that belongs to this process. The way for files that others may change or truncate. */
    READ(LlamaC.LLAMA_LOAD_MODE_NONE()),
    /** Mapped into memory: shared between processes and read as needed. The file must not shrink while it is in use. */
    MEMORY_MAPPED(LlamaC.LLAMA_LOAD_MODE_MMAP()),
    /** Read, and kept from being swapped out. */
    LOCKED(LlamaC.LLAMA_LOAD_MODE_MLOCK()),
    /** Mapped, and kept from being swapped out. */
    MEMORY_MAPPED_LOCKED(LlamaC.LLAMA_LOAD_MODE_MMAP_MLOCK()),
    /** Read past the system's file cache, where the file system can. */
    DIRECT_IO(LlamaC.LLAMA_LOAD_MODE_DIRECT_IO());

    final int code;

    LoadMode(int code) {
        this.code = code;
    }
}
