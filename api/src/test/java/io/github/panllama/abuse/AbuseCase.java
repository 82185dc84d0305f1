package io.github.panllama.abuse;

import java.nio.channels.ClosedChannelException;
import java.util.List;

/**
 * One abuse and how it may end.
 *
 * @param name what is abused and how, unique in the suite
 * @param mayComplete whether it may end without an exception
 * @param mayThrow the exceptions that it may end with; when {@code mayComplete} is false it must end with one of them
 * @param action the abuse
 */
record AbuseCase(String name, boolean mayComplete, List<Class<?>> mayThrow, Action action) {
    /** Code that may throw anything. */
    @FunctionalInterface
    interface Action {
        void run(AbuseFixture fixture) throws Throwable;
    }

    /** Runs the abuse: {@code ""} when it ended as it may, else what was wrong. */
    String run(AbuseFixture fixture) {
        try {
            action.run(fixture);
        } catch (Throwable thrown) {
            return judge(thrown);
        }
        return mayComplete ? "" : "nothing was thrown, expected " + expected();
    }

    private String judge(Throwable thrown) {
        if (!Documented.allows(mayThrow, thrown)) {
            return "thrown was %s, expected %s; at %s".formatted(thrown, expected(), place(thrown));
        }
        // What the JVM itself throws may be silent; an exception of this library must say something.
        boolean ofTheJvm = thrown instanceof NullPointerException
                || thrown instanceof VirtualMachineError
                || thrown instanceof ClosedChannelException
                || thrown instanceof InterruptedException;
        return thrown.getMessage() == null && !ofTheJvm
                ? "thrown was " + thrown.getClass().getName() + " without a message"
                : "";
    }

    private static String place(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        StringBuilder place = new StringBuilder();
        for (int i = 0; i < Math.min(4, trace.length); i++) {
            place.append(i == 0 ? "" : " < ").append(trace[i]);
        }
        return place.toString();
    }

    private String expected() {
        List<String> names = mayThrow.stream().map(Class::getSimpleName).toList();
        return mayComplete ? (names.isEmpty() ? "nothing" : "nothing or one of " + names) : "one of " + names;
    }
}
