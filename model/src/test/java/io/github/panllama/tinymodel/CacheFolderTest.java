package io.github.panllama.tinymodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheFolderTest {
    private static final Path HOME = Path.of("/home/somebody");

    @Test
    void thePropertyComesFirstThenTheVariableThenTheUsersFolder() {
        Map<String, String> both = Map.of("PANLLAMA_CACHE", "/variable", "XDG_CACHE_HOME", "/xdg");
        assertThat(CacheFolder.of("/property", both, "Linux", HOME)).isEqualTo(Path.of("/property"));
        assertThat(CacheFolder.of(" ", both, "Linux", HOME)).isEqualTo(Path.of("/variable"));
        assertThat(CacheFolder.of(null, Map.of("XDG_CACHE_HOME", "/xdg"), "Linux", HOME))
                .isEqualTo(Path.of("/xdg/panllama"));
        assertThat(CacheFolder.of(null, Map.of("XDG_CACHE_HOME", "relative"), "Linux", HOME))
                .isEqualTo(HOME.resolve(".cache/panllama"));
    }

    @Test
    void eachSystemHasItsOwnPlace() {
        assertThat(CacheFolder.of(null, Map.of(), "Linux", HOME)).isEqualTo(HOME.resolve(".cache/panllama"));
        assertThat(CacheFolder.of(null, Map.of(), "Mac OS X", HOME)).isEqualTo(HOME.resolve("Library/Caches/panllama"));
        assertThat(CacheFolder.of(null, Map.of(), "Windows 11", HOME))
                .isEqualTo(HOME.resolve("AppData/Local/panllama/cache"));
    }
}
