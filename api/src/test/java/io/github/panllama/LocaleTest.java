package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a user's country writes numbers and dates changes nothing that is computed, parsed or written to files. */
class LocaleTest {
    @TempDir
    private Path folder;

    private List<String> expected;

    @BeforeEach
    void report() throws IOException {
        expected = LocaleProbe.report(Files.createDirectory(folder.resolve("expected")));
        assertThat(expected)
                .contains("epsilon 0.000001", "template Hi 0.75 March", "heads refused")
                .anyMatch(line -> line.startsWith("parts [p-00001-of-0000"));
    }

    private void check(String oneAndAHalf, Map<String, String> environment, String... options) throws Exception {
        Path own = Files.createDirectory(folder.resolve("own"));
        List<String> lines = Fork.run(LocaleProbe.class, List.of(options), environment, own.toString())
                .lines()
                .toList();
        assertThat(lines.getFirst()).isEqualTo(oneAndAHalf);
        assertThat(lines).containsAll(expected);
    }

    @Test
    void aDecimalCommaInC() throws Exception {
        check("1,5 1.5", decimalComma(), "-Duser.language=en", "-Duser.country=US");
    }

    @Test
    void aDecimalCommaInJava() throws Exception {
        check("1.5 1,5", Map.of("LC_ALL", "C"), "-Duser.language=de", "-Duser.country=DE");
    }

    @Test
    void otherDigitsInJava() throws Exception {
        check(
                "1.5 \u0661\u066b\u0665",
                Map.of("LC_ALL", "C"),
                "-Dstdout.encoding=UTF-8",
                "-Duser.language=ar",
                "-Duser.country=EG");
    }

    /** A locale for numbers and months alone, made here: whether a machine has any but C is its owner's choice. */
    private Map<String, String> decimalComma() throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("comma.txt"), """
                LC_NUMERIC
                decimal_point ","
                thousands_sep "."
                grouping 3;3
                END LC_NUMERIC
                LC_TIME
                mon "a";"b";"c";"d";"e";"f";"g";"h";"i";"j";"k";"l"
                END LC_TIME
                """);
        Path log = folder.resolve("localedef.txt");
        // Warns, and exits with 1, because the other categories are missing.
        int _ = new ProcessBuilder("localedef", "-c", "-i", source.toString(), folder.resolve("comma") + "/")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        assertThat(folder.resolve("comma/LC_NUMERIC"))
                .as("what localedef wrote: %s", Files.readString(log))
                .exists();
        return Map.of("LC_ALL", "", "LANG", "C", "LC_NUMERIC", "comma", "LC_TIME", "comma", "LOCPATH", folder.toString());
    }
}
