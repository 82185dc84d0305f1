package io.github.panllama.bindings;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What C pointers become in Java: text, a borrowed view, or an owned handle. Trusts the caller that the pointer is live
 * and as large as it says, which Java cannot check: that is why nothing else in panllama calls {@code reinterpret}.
 */
public final class Pointers {
    private Pointers() {}

    /**
     * Copies a zero-terminated UTF-8 text. Malformed bytes become U+FFFD.
     *
     * @param cString where it begins, or {@code NULL}
     * @return the text, or {@code null} for {@code NULL}
     */
    public static @Nullable String string(MemorySegment cString) {
        return isNull(cString) ? null : cString.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /**
     * A read-only view of {@code bytes} bytes that C owns. Not bound to a lifetime: it must not be kept longer than C
     * keeps the memory.
     *
     * @param pointer where it begins
     * @param bytes its exact size
     * @return the view
     * @throws IllegalArgumentException if the pointer is {@code NULL} or {@code bytes} is negative
     */
    public static MemorySegment view(MemorySegment pointer, long bytes) {
        requireNonNull(pointer);
        return pointer.reinterpret(bytes).asReadOnly();
    }

    /**
     * A read-only view of {@code bytes} bytes that C frees with the object whose {@code arena} this is. Reading it fails
     * once the arena is closed.
     *
     * @throws IllegalArgumentException if the pointer is {@code NULL} or {@code bytes} is negative
     */
    public static MemorySegment view(MemorySegment pointer, long bytes, Arena arena) {
        requireNonNull(pointer);
        return pointer.reinterpret(bytes, arena, null).asReadOnly();
    }

    /**
     * Takes ownership of a native object: a zero-length handle that is valid until {@code arena} closes, which then
     * calls {@code free} once with the pointer.
     *
     * @param pointer the object
     * @param arena its lifetime
     * @param free the C function that frees it
     * @return the handle
     * @throws IllegalArgumentException if the pointer is {@code NULL}
     * @throws IllegalStateException if the arena is closed; the object is still the caller's then
     */
    public static MemorySegment adopt(MemorySegment pointer, Arena arena, Consumer<MemorySegment> free) {
        requireNonNull(pointer);
        return pointer.reinterpret(0, arena, free);
    }

    /**
     * Tells C's {@code NULL} from other pointers.
     *
     * @param pointer any pointer
     * @return whether it is {@code NULL}
     */
    public static boolean isNull(MemorySegment pointer) {
        return pointer.address() == 0;
    }

    private static void requireNonNull(MemorySegment pointer) {
        if (isNull(pointer)) {
            throw new IllegalArgumentException("the pointer is NULL");
        }
    }
}
