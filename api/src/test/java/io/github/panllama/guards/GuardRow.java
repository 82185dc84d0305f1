package io.github.panllama.guards;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A native failure: what it does to a process that calls C, and what the API makes of it.
 *
 * @param name the failure
 * @param ends how the process may end without the guard: signals, or {@code exit N}; {@code returns N} where C only answers
 * @param said what it then prints, among other things
 * @param raw calls C as the API does not
 * @param refusal what the API throws; {@code null} where it succeeds
 * @param guarded the same through the API
 */
record GuardRow(
        String name,
        List<String> ends,
        String said,
        Action raw,
        @Nullable Class<? extends Throwable> refusal,
        Action guarded) {
    /** Code that may throw anything. */
    @FunctionalInterface
    interface Action {
        void run(GuardFiles files) throws Throwable;
    }

    @Override
    public String toString() {
        return name;
    }
}
