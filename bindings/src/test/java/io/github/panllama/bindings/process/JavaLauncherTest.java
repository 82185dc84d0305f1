package io.github.panllama.bindings.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaLauncherTest {
    @Test
    void isTheOneOfThisRuntime() throws IOException {
        assertThat(JavaLauncher.find(null, Path.of(System.getProperty("java.home"))))
                .isExecutable();
    }

    @Test
    void runtimeWithoutOneIsToldWithTheWayOut(@TempDir Path home) {
        assertThatThrownBy(() -> JavaLauncher.find(null, home))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(home.toString())
                .hasMessageContaining("--strip-native-commands")
                .hasMessageContaining("-Dpanllama.worker.java");
    }

    @Test
    void namedOneMustBeThere(@TempDir Path home) {
        Path named = home.resolve("java");
        assertThatThrownBy(() -> JavaLauncher.find(named.toString(), home))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("-Dpanllama.worker.java=" + named);
    }
}
