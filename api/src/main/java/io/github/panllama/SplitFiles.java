package io.github.panllama;

import io.github.panllama.gguf.GgufFile;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The files of a model in several, which native code would find by the first one's name: read by Java before. */
final class SplitFiles {
    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.DOTALL);

    private SplitFiles() {}

    /** The files that belong to {@code first}, without it, in order; none when it is the whole model. */
    static List<Path> others(GgufFile first) {
        long count = first.metadata().longValue("split.count", 0);
        if (count <= 1) {
            return List.of();
        }
        long number = first.metadata().longValue("split.no", 0);
        if (number != 0) {
            throw refused(first, "it is part %d of %d; load the first".formatted(number + 1, count));
        }
        Matcher name = NAME.matcher(String.valueOf(first.path().getFileName()));
        if (!name.matches() || Integer.parseInt(name.group(2)) != 1 || Integer.parseInt(name.group(3)) != count) {
            throw refused(
                    first,
                    "it is the first of %d parts, and its name does not end in -00001-of-%05d.gguf: name them all"
                            .formatted(count, count));
        }
        return IntStream.rangeClosed(2, (int) count)
                .mapToObj(part ->
                        first.path().resolveSibling("%s-%05d-of-%05d.gguf".formatted(name.group(1), part, count)))
                .toList();
    }

    private static ModelLoadException refused(GgufFile file, String reason) {
        return new ModelLoadException("Cannot load %s: %s".formatted(file.path(), reason), List.of());
    }
}
