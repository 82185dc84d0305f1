package io.github.panllama;

import io.github.panllama.bindings.NativeLoadException;
import io.github.panllama.bindings.NativeRuntime;
import io.github.panllama.bindings.Pointers;
import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.MemorySegment;

/** The way into native code: loads it on first use and turns its status into exceptions. */
final class Natives {
    private Natives() {}

    /** Loads the native library, once. Called before the first downcall of every entry point. */
    static NativeRuntime load() {
        try {
            return NativeRuntime.get();
        } catch (NativeLoadException e) {
            throw new NativeLibraryException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Throws what a shim function failed with. */
    static void check(int status, String what) {
        if (status != LlamaC.PANLLAMA_OK()) {
            throw new LlamaException(what + " failed: " + lastError());
        }
    }

    static boolean failed(int code) {
        return code == LlamaC.PANLLAMA_FAILED();
    }

    /** The reason of this thread's last failure in the shim. */
    static String lastError() {
        String message = Pointers.string(LlamaC.panllama_last_error());
        return message == null ? "" : message;
    }

    static String string(MemorySegment pointer) {
        String text = Pointers.string(pointer);
        return text == null ? "" : text;
    }
}
