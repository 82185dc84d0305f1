package io.github.panllama.abuse;

import io.github.panllama.LlamaException;
import io.github.panllama.gguf.InvalidGgufException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.IllegalFormatException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a call of this library may end that was given something odd. */
final class Documented {
    /** The types of exceptions that a caller is told of. */
    static final List<Class<?>> EXCEPTIONS = List.of(
            LlamaException.class,
            InvalidGgufException.class,
            IllegalArgumentException.class,
            IllegalStateException.class,
            UnsupportedOperationException.class,
            IndexOutOfBoundsException.class,
            IOException.class,
            UncheckedIOException.class);

    /** Subtypes of those that tell of a mistake inside instead. */
    private static final List<Class<?>> OF_INSIDE = List.of(
            ArrayIndexOutOfBoundsException.class, StringIndexOutOfBoundsException.class, IllegalFormatException.class);

    private Documented() {}

    /** Whether an exception is of one of these types, and not of a kind that only a mistake inside brings about. */
    static boolean allows(List<Class<?>> types, Throwable thrown) {
        return types.contains(thrown.getClass())
                || (OF_INSIDE.stream().noneMatch(type -> type.isInstance(thrown))
                        && types.stream().anyMatch(type -> type.isInstance(thrown)));
    }

    /** Runs what may end as documented; throws what else it ends with. */
    static @Nullable Object attempt(Call call) throws Throwable {
        try {
            return call.run();
        } catch (Throwable thrown) {
            if (!allows(EXCEPTIONS, thrown)) {
                throw thrown;
            }
            return null;
        }
    }

    /** Something that may throw. */
    @FunctionalInterface
    interface Call {
        @Nullable
        Object run() throws Throwable;
    }
}
