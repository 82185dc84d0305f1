package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** llama.cpp's server and its RPC backend, of which most of its advisories are, are neither packed nor loaded. */
class NoServerTest {
    @Test
    void noLibraryOfThemIsThere() throws IOException {
        Path folder = Llama.libraries().getFirst().path().getParent();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString().toLowerCase(Locale.ROOT)))
                    .isNotEmpty()
                    .noneMatch(name -> name.contains("rpc") || name.contains("server") || name.contains("http"));
        }
    }

    @Test
    void noDeviceIsReachedByTheNetwork() {
        assertThat(Device.all()).noneMatch(device -> device.name().startsWith("RPC"));
    }
}
