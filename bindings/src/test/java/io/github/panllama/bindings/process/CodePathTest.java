package io.github.panllama.bindings.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodePathTest {
    @Test
    void jarsAndFoldersAreEntries() throws IOException {
        assertThat(CodePath.entry("file:/some/where/classes/")).isEqualTo(path("/some/where/classes"));
        assertThat(CodePath.entry("jar:file:/some/wh%20ere.jar!/")).isEqualTo(path("/some/wh ere.jar"));
    }

    private static String path(String path) {
        return Path.of(path).toString();
    }

    @Test
    void jarWithinAJarIsRefusedWithTheWayOut() {
        assertThatThrownBy(() -> CodePath.entry("jar:nested:/app.jar/!BOOT-INF/lib/panllama.jar!/"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("BOOT-INF/lib/panllama.jar")
                .hasMessageContaining("-Dpanllama.worker.path");
        assertThatThrownBy(() -> CodePath.entry("jar:file:/app.jar!/BOOT-INF/lib/panllama.jar!/"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void classPathHasTheMainClassAndWhatItNeedsOnce() throws IOException {
        List<String> options = CodePath.of(
                        CodePathTest.class,
                        List.of(CodePath.class, CodePath.class),
                        List.of("file:/natives/"),
                        List.of(Path.of("more")),
                        CodePath.class)
                .options();
        assertThat(options)
                .startsWith("--enable-native-access=ALL-UNNAMED", "-cp")
                .endsWith(CodePathTest.class.getName());
        assertThat(options.get(2).split(File.pathSeparator, -1))
                .startsWith("more")
                .endsWith(path("/natives"))
                .hasSize(4)
                .doesNotHaveDuplicates();
    }
}
