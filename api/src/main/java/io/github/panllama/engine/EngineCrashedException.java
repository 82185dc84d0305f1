package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The worker of an isolated engine ended while it had something to do. The engine goes on with another worker, as long as
 * workers do not crash again and again; what failed may be asked for anew.
 */
public class EngineCrashedException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private static final int LINES_IN_MESSAGE = 5;

    private final int exitCode;
    private final @Nullable String signal;
    /** Kept as an array and a text: they are serialisable whatever they came from. */
    private final String[] lastLines;

    private final @Nullable String crashFile;

    /**
     * An exception.
     *
     * @param message what has happened; the last of the lines are added
     * @param exitCode of the worker; 128 and the signal's number where one ended it
     * @param signal its name; {@code null} for none
     * @param lastLines that the worker printed, its native log's among them
     * @param crashFile where its JVM has described the crash; {@code null} where it has not
     */
    EngineCrashedException(
            String message, int exitCode, @Nullable String signal, List<String> lastLines, @Nullable Path crashFile) {
        super(message + lastOf(lastLines));
        this.exitCode = exitCode;
        this.signal = signal;
        this.lastLines = lastLines.toArray(String[]::new);
        this.crashFile = crashFile == null ? null : crashFile.toString();
    }

    private static String lastOf(List<String> lines) {
        StringBuilder last = new StringBuilder();
        // What a JVM prints of its report says less than the report.
        List<String> told = lines.stream().filter(line -> !line.startsWith("#")).toList();
        for (String line : told.subList(Math.max(0, told.size() - LINES_IN_MESSAGE), told.size())) {
            last.append(System.lineSeparator()).append("  ").append(line.strip());
        }
        return last.toString();
    }

    /** The exit code of the worker; 128 and the signal's number where a signal ended it. */
    public int exitCode() {
        return exitCode;
    }

    /** The name of the signal that ended the worker, such as {@code SIGSEGV}; empty where it ended otherwise. */
    public Optional<String> signal() {
        return Optional.ofNullable(signal);
    }

    /** What the worker printed last, its native log's warnings among it, oldest first; up to 200 lines. */
    public List<String> lastLines() {
        return List.of(lastLines);
    }

    /** Where the worker's JVM has described the crash; empty where it could not, as after SIGKILL. */
    public Optional<Path> crashFile() {
        return Optional.ofNullable(crashFile).map(Path::of);
    }
}
