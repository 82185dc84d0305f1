package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import java.util.Objects;

/** What the functions of {@code panllama.h} answer. Asked on the thread that made the call: messages are per thread. */
public final class Status {
    private Status() {}

    /**
     * Checks the answer of a function that knows only success and failure.
     *
     * @param status its answer
     * @throws NativeCallException if {@code status} is not {@code PANLLAMA_OK}
     */
    public static void check(int status) {
        if (status != LlamaC.PANLLAMA_OK()) {
            throw new NativeCallException(lastError());
        }
    }

    /**
     * Checks the answer of a function with codes of its own, such as {@code panllama_decode}.
     *
     * @param code its answer
     * @return {@code code}
     * @throws NativeCallException if {@code code} is {@code PANLLAMA_FAILED}: the call threw
     */
    public static int checkCode(int code) {
        if (code == LlamaC.PANLLAMA_FAILED()) {
            throw new NativeCallException(lastError());
        }
        return code;
    }

    /** {@return the reason of this thread's last failure; empty when there was none} */
    public static String lastError() {
        return Objects.requireNonNullElse(Pointers.string(LlamaC.panllama_last_error()), "");
    }
}
