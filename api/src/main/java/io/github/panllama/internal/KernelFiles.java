package io.github.panllama.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Numbers in the files by which Linux tells about itself. What cannot be read is not there. */
final class KernelFiles {
    private static final int KIB = 1024;

    private KernelFiles() {}

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The first number of each line by the line's first word, a colon left out; in bytes where it is in kB. */
    static Map<String, Long> table(Path file) {
        Map<String, Long> table = new HashMap<>();
        for (String line : lines(file)) {
            String[] words = line.split("\\s+", -1);
            if (words.length >= 2 && isNumber(words[1])) {
                long unit = words.length >= 3 && words[2].equals("kB") ? KIB : 1;
                table.put(words[0].replace(":", ""), Long.parseLong(words[1]) * unit);
            }
        }
        return table;
    }

    /** The number that a file holds; empty where it says {@code max}, or where there is none. */
    static OptionalLong number(Path file) {
        List<String> lines = lines(file);
        return !lines.isEmpty() && isNumber(lines.getFirst().strip())
                ? OptionalLong.of(Long.parseLong(lines.getFirst().strip()))
                : OptionalLong.empty();
    }

    /** A number of up to 18 digits, which a {@code long} holds. */
    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
