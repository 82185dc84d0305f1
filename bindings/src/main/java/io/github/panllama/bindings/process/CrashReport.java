package io.github.panllama.bindings.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a JVM writes when it crashes. It then ends by SIGABRT, so this alone tells which signal it was that it died of. */
public final class CrashReport {
    private static final Pattern SIGNAL = Pattern.compile("#\\s+((?:SIG|EXCEPTION_)[A-Z_]+) \\(0x[0-9a-f]+\\).*");
    private static final int HEAD_LINES = 30;

    private CrashReport() {}

    /**
     * Reads the head of a report.
     *
     * @param file may not be there
     * @return the signal or, on Windows, the exception, such as {@code SIGSEGV}; {@code null} if none is told
     */
    public static @Nullable String signal(Path file) {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (int i = 0; i < HEAD_LINES; i++) {
                String line = lines.readLine();
                if (line == null) {
                    return null;
                }
                Matcher matcher = SIGNAL.matcher(line);
                if (matcher.matches()) {
                    return matcher.group(1);
                }
            }
        } catch (IOException e) {
            // As if there was none.
        }
        return null;
    }
}
