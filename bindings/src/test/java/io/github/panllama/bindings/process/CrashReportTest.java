package io.github.panllama.bindings.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashReportTest {
    @TempDir
    private Path folder;

    private String signal(String text) throws IOException {
        Path file = folder.resolve("crash.log");
        Files.writeString(file, text);
        return CrashReport.signal(file);
    }

    @Test
    void signalStandsInTheHead() throws IOException {
        assertThat(signal("#\n# A fatal error\n#\n#  SIGSEGV (0xb) at pc=0x00007f2b, pid=7, tid=8\n#\n"))
                .isEqualTo("SIGSEGV");
        assertThat(signal("#\n#  EXCEPTION_ACCESS_VIOLATION (0xc0000005) at pc=0x00007ff8, pid=7, tid=8\n"))
                .isEqualTo("EXCEPTION_ACCESS_VIOLATION");
    }

    @Test
    void reportOfAnotherErrorHasNone() throws IOException {
        assertThat(signal("#\n# There is insufficient memory for the Java Runtime Environment to continue.\n"))
                .isNull();
        assertThat(signal("")).isNull();
        assertThat(signal("x\n".repeat(100) + "#  SIGSEGV (0xb) at pc=0x0, pid=7, tid=8\n"))
                .isNull();
        assertThat(CrashReport.signal(folder.resolve("none"))).isNull();
    }
}
