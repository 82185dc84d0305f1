package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeRuntimeTest {
    @Test
    void loadsOnceAndTellsWhatItLoaded() {
        NativeRuntime runtime = NativeRuntime.get();
        assertThat(NativeRuntime.get()).isSameAs(runtime);
        assertThat(runtime.release()).isEqualTo(Pin.RELEASE);
        assertThat(runtime.version()).startsWith(Pin.RELEASE);
        assertThat(runtime.platform()).isEqualTo(Platform.current().classifier());
        assertThat(runtime.libraries())
                .allSatisfy(library -> {
                    assertThat(library.path()).isRegularFile();
                    assertThat(library.path().getFileName()).hasToString(library.name());
                })
                .extracting(library -> NativeFile.stem(library.name()))
                .startsWith("ggml-base", "ggml", "llama")
                .contains("panllama");
        assertThat(runtime.libraries().getLast().name()).contains("ggml-cpu");
        assertThat(runtime.libraries().getLast().name())
                .contains(runtime.cpuVariant() == null ? "" : runtime.cpuVariant());
    }

    @Test
    void bindingsAndNativesAreOfTheSamePin() throws IOException {
        assertThat(Path.of("../native/pin.json")).content().contains("\"release\": \"" + Pin.RELEASE + "\"");
    }

    @Test
    void platformsAreNamedAsTheJarsAre() {
        assertThat(Platform.of("Linux", "amd64").classifier()).isEqualTo("linux-x86_64");
        assertThat(Platform.of("Mac OS X", "aarch64").classifier()).isEqualTo("macos-aarch64");
        assertThat(Platform.of("Windows 11", "amd64").classifier()).isEqualTo("windows-x86_64");
    }
}
