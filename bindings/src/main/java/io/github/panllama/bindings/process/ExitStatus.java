package io.github.panllama.bindings.process;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a process ended.
 *
 * @param code as Java gives it: the exit code, on Unix 128 and the signal's number where a signal ended it, on Windows
 *     perhaps the code of an exception
 * @param reported the signal or exception that its JVM reported, as {@link CrashReport#signal} gives it; {@code null} if
 *     it reported none
 */
public record ExitStatus(int code, @Nullable String reported) {
    private static final int SIGNALS_FROM = 128;
    private static final int OUT_OF_JAVA_HEAP = 3; // -XX:+ExitOnOutOfMemoryError

    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(15, "SIGTERM"));

    private static final Map<Integer, String> EXCEPTIONS = Map.of(
            0xC0000005, "EXCEPTION_ACCESS_VIOLATION",
            0xC0000006, "EXCEPTION_IN_PAGE_ERROR",
            0xC000001D, "EXCEPTION_ILLEGAL_INSTRUCTION",
            0xC0000094, "EXCEPTION_INT_DIVIDE_BY_ZERO",
            0xC00000FD, "EXCEPTION_STACK_OVERFLOW",
            0xC0000374, "STATUS_HEAP_CORRUPTION",
            0xC0000409, "STATUS_STACK_BUFFER_OVERRUN");

    /**
     * A process that reported nothing.
     *
     * @param code its exit code
     */
    public ExitStatus(int code) {
        this(code, null);
    }

    /** {@return the signal, such as {@code SIGSEGV}, or the exception of Windows; {@code null} if there was none} */
    public @Nullable String signal() {
        return reported == null ? signal(System.getProperty("os.name")) : reported;
    }

    @Nullable
    String signal(String system) {
        if (system.startsWith("Windows")) {
            return EXCEPTIONS.get(code);
        }
        int number = code - SIGNALS_FROM;
        if (number <= 0 || number >= SIGNALS_FROM) {
            return null;
        }
        boolean mac = system.startsWith("Mac");
        if (number == (mac ? 10 : 7)) {
            return "SIGBUS";
        }
        if (number == (mac ? 12 : 31)) {
            return "SIGSYS";
        }
        return SIGNALS.getOrDefault(number, "signal " + number);
    }

    /** {@return what happened, as the end of a sentence that begins with the process} */
    public String description() {
        String signal = signal();
        if (signal != null) {
            return switch (signal) {
                case "SIGKILL" -> "was killed by SIGKILL, which the system sends when memory runs out";
                case "SIGABRT" -> "was ended by SIGABRT: native code called abort";
                case "SIGBUS" -> "was ended by SIGBUS, as when a mapped file became shorter";
                case "SIGILL" -> "was ended by SIGILL: an instruction that this processor does not have";
                default -> "was ended by " + signal;
            };
        }
        return code == OUT_OF_JAVA_HEAP
                ? "ended with exit code 3, as when its Java heap is full"
                : "ended with exit code " + code;
    }
}
