package io.github.panllama.fuzz;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What must be so, whatever the input. */
public final class Expect {
    private Expect() {}

    /** {@code AssertionError} that says what is not so. */
    public static void that(boolean so, String what) {
        if (!so) {
            throw new AssertionError("it is not so: " + what);
        }
    }

    /** {@code AssertionError} that shows both, where they differ. */
    public static void equal(@Nullable Object one, @Nullable Object other, String what) {
        if (!Objects.equals(one, other)) {
            throw new AssertionError("%s differ: %s and %s".formatted(what, shown(one), shown(other)));
        }
    }

    private static String shown(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() > 500 ? text.substring(0, 500) + "…" : text;
    }
}
