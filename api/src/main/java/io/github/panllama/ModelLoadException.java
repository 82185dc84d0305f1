package io.github.panllama;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model or adapter that could not be loaded, with the last lines that the native library logged about it. */
public final class ModelLoadException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** Kept as an array: it is serialisable whatever list it came from. */
    private final String[] nativeLog;

    /** An exception with a message, to which the last lines of the native log are added. */
    public ModelLoadException(String message, List<String> nativeLog) {
        super(nativeLog.isEmpty() ? message : message + System.lineSeparator() + String.join("", indent(nativeLog)));
        this.nativeLog = nativeLog.toArray(String[]::new);
    }

    ModelLoadException(String message, @Nullable Throwable cause) {
        super(message);
        if (cause != null) {
            initCause(cause);
        }
        this.nativeLog = new String[0];
    }

    /** The last lines of the native log before the failure, oldest first; empty when Java refused the file. */
    public List<String> nativeLog() {
        return List.of(nativeLog);
    }

    private static List<String> indent(List<String> lines) {
        return lines.stream()
                .map(line -> "  " + line.strip() + System.lineSeparator())
                .toList();
    }
}
