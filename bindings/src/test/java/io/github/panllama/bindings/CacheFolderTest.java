package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheFolderTest {
    private static final Path HOME = Path.of("/home/somebody");
    private static final Platform LINUX = new Platform("linux", "x86_64");

    @Test
    void thePropertyComesFirstThenTheVariableThenTheUsersFolder() {
        Map<String, String> both = Map.of("PANLLAMA_CACHE", "/variable", "XDG_CACHE_HOME", "/xdg");
        assertThat(CacheFolder.of("/property", both, LINUX, HOME)).isEqualTo(Path.of("/property"));
        assertThat(CacheFolder.of(" ", both, LINUX, HOME)).isEqualTo(Path.of("/variable"));
        assertThat(CacheFolder.of(null, Map.of("XDG_CACHE_HOME", "/xdg"), LINUX, HOME))
                .isEqualTo(Path.of("/xdg/panllama"));
        assertThat(CacheFolder.of(null, Map.of("XDG_CACHE_HOME", "relative"), LINUX, HOME))
                .isEqualTo(HOME.resolve(".cache/panllama"));
        assertThat(CacheFolder.of("relative", both, LINUX, HOME)).isAbsolute();
    }

    @Test
    void eachSystemHasItsOwnPlace() {
        assertThat(CacheFolder.of(null, Map.of(), LINUX, HOME)).isEqualTo(HOME.resolve(".cache/panllama"));
        assertThat(CacheFolder.of(null, Map.of(), new Platform("macos", "aarch64"), HOME))
                .isEqualTo(HOME.resolve("Library/Caches/panllama"));
        assertThat(CacheFolder.of(null, Map.of(), new Platform("windows", "x86_64"), HOME))
                .isEqualTo(HOME.resolve("AppData/Local/panllama/cache"));
    }
}
