package io.github.panllama.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several texts in one stream, divided by lines that equal a separator. The line breaks beside a separator belong to
 * it; every other one, that at the end of the stream too, belongs to a text. A separator that ends with CR LF takes the
 * CR before it as well, so that files from Windows divide in the same way.
 */
final class TextList {
    private TextList() {}

    /** The texts; without a separator the whole stream is one. */
    static List<String> split(String stream, @Nullable String separator) {
        if (separator == null) {
            return List.of(stream);
        }
        List<String> texts = new ArrayList<>();
        int textStart = 0;
        int lineStart = 0;
        while (lineStart <= stream.length()) {
            int lineFeed = stream.indexOf('\n', lineStart);
            int lineEnd = lineFeed < 0 ? stream.length() : lineFeed;
            boolean carriageReturn = lineFeed > lineStart && stream.charAt(lineFeed - 1) == '\r';
            boolean exact = equals(stream, lineStart, lineEnd, separator);
            if (exact || (carriageReturn && equals(stream, lineStart, lineEnd - 1, separator))) {
                texts.add(stream.substring(textStart, endBefore(stream, textStart, lineStart, !exact)));
                textStart = lineEnd + 1;
            }
            lineStart = lineEnd + 1;
        }
        texts.add(stream.substring(Math.min(textStart, stream.length())));
        return texts;
    }

    /** Where the text before a separator's line ends: before the line break, if there is a text. */
    private static int endBefore(String stream, int textStart, int lineStart, boolean carriageReturn) {
        int end = lineStart;
        if (end > textStart) {
            end--;
            if (carriageReturn && end > textStart && stream.charAt(end - 1) == '\r') {
                end--;
            }
        }
        return end;
    }

    private static boolean equals(String stream, int from, int to, String line) {
        return to - from == line.length() && stream.startsWith(line, from);
    }
}
