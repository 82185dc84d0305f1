package io.github.panllama.cli;

import io.github.panllama.gguf.GgufValidator;
import io.github.panllama.gguf.InvalidGgufException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code inspect --check} finds: a line for each group of rules, or one JSON object. */
final class HeaderCheck {
    private final Path file;
    private final List<GgufValidator.Finding> findings;

    private HeaderCheck(Path file, List<GgufValidator.Finding> findings) {
        this.file = file;
        this.findings = findings;
    }

    static HeaderCheck of(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FailureException(file + ": is a folder");
        }
        return new HeaderCheck(file, GgufValidator.check(file));
    }

    boolean passed() {
        return findings.stream().allMatch(GgufValidator.Finding::passed);
    }

    void print(Output out) {
        out.println(file + (passed() ? ": every rule holds" : ": refused"));
        for (GgufValidator.Finding finding : findings) {
            InvalidGgufException failure = finding.failure();
            String result = failure == null ? "passed" : "FAILED: " + GgufText.printable(message(failure));
            out.println("  %-15s %s".formatted(name(finding), result));
        }
    }

    Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", file.toString());
        object.put("passed", passed());
        object.put("rules", findings.stream().map(HeaderCheck::json).toList());
        return object;
    }

    private static Map<String, Object> json(GgufValidator.Finding finding) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("rules", name(finding));
        object.put("passed", finding.passed());
        InvalidGgufException failure = finding.failure();
        if (failure != null) {
            object.put("message", message(failure));
            String key = failure.key();
            if (key != null) {
                object.put("key", key);
            }
            if (failure.byteOffset() >= 0) {
                object.put("byte_offset", failure.byteOffset());
            }
        }
        return object;
    }

    private static String message(InvalidGgufException failure) {
        return String.valueOf(failure.getMessage());
    }

    private static String name(GgufValidator.Finding finding) {
        return finding.rules().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
