package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLocatorTest {
    private static final Platform HERE = new Platform("linux", "x86_64");

    @TempDir
    private Path temp;

    private NativeCache cache;

    @BeforeEach
    void cache() {
        cache = new NativeCache(temp.resolve("cache"));
    }

    private NativePackage jar(String name, String kind, String platform) throws IOException {
        Path root = temp.resolve(name);
        return FakePackage.write(
                root, kind, platform, Map.of("lib" + name + ".so", kind.equals("core") ? "base" : "plugin"));
    }

    @Test
    void jarsAreFoundThroughAClassLoaderOnceEach() throws IOException {
        jar("one", "core", FakePackage.PLATFORM);
        jar("two", "cuda", FakePackage.PLATFORM);
        URL[] urls = {
            temp.resolve("one").toUri().toURL(), temp.resolve("two").toUri().toURL()
        };
        try (URLClassLoader loader = new URLClassLoader(urls, null)) {
            assertThat(NativeLocator.packages(List.of(loader, loader)))
                    .extracting(it -> it.index().plugin())
                    .containsExactly("", "cuda");
        }
    }

    @Test
    void pluginIsUnpackedOnlyWhenItIsAskedFor() throws IOException {
        NativeLocator.Located located = NativeLocator.ofPackages(
                List.of(jar("one", "core", FakePackage.PLATFORM), jar("two", "cuda", FakePackage.PLATFORM)),
                HERE,
                cache);
        assertThat(temp.resolve("cache")).isDirectoryNotContaining("glob:**cuda**");
        assertThat(located.plugins()).singleElement().satisfies(plugin -> {
            assertThat(plugin.name()).isEqualTo("cuda");
            assertThat(plugin.file().get()).hasFileName("libtwo.so").exists();
        });
    }

    @Test
    void otherPlatformsJarIsNamedWhenThereIsNoneForThisOne() throws IOException {
        List<NativePackage> packages = List.of(jar("one", "core", "windows-x86_64"));
        assertThatThrownBy(() -> NativeLocator.ofPackages(packages, HERE, cache))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContainingAll(
                        "linux-x86_64",
                        "-Dpanllama.library.path",
                        "PANLLAMA_LIBRARY_PATH",
                        "found only windows-x86_64",
                        "io.github.panllama:panllama-native",
                        "--add-modules");
    }

    @Test
    void otherReleasesJarIsRefusedWithBothReleases() throws IOException {
        NativePackage found = jar("one", "core", FakePackage.PLATFORM);
        NativeIndex index = found.index();
        NativePackage old = new NativePackage(
                new NativeIndex("0.4.0", index.platform(), "", index.files(), index.digest(), index.bytes()),
                found.base());
        assertThatThrownBy(() -> NativeLocator.ofPackages(List.of(old), HERE, cache))
                .hasMessageContainingAll("0.4.0", Pin.RELEASE);
    }

    @Test
    void folderWithoutIndexIsReadByNameInLoadOrder() throws IOException {
        for (String name : List.of(
                "libpanllama.so",
                "libllama-common.so",
                "libllama.so.0.5.0",
                "libllama.so",
                "libggml.v0.5.0.so",
                "libggml-base.so",
                "libggml-cuda.so",
                "libggml-cpu-zen4.so",
                "readme.txt")) {
            Files.createFile(temp.resolve(name));
            Files.write(temp.resolve(name), new byte[64]);
        }
        NativeFolder folder = NativeFolder.open(temp, Origin.ENVIRONMENT);
        assertThat(folder.files())
                .extracting(NativeFile::name)
                .containsExactly(
                        "libggml-base.so",
                        "libggml.v0.5.0.so",
                        "libllama.so",
                        "libllama-common.so",
                        "libpanllama.so",
                        "libggml-cpu-zen4.so",
                        "libggml-cuda.so");
    }

    @Test
    void folderThatLacksALibraryNamesIt() throws IOException {
        Files.write(temp.resolve("libggml-base.so"), new byte[64]);
        assertThatThrownBy(() -> NativeFolder.open(temp, Origin.SYSTEM_PROPERTY))
                .hasMessageContainingAll(
                        temp.toString(), "-Dpanllama.library.path", "libllama", "libpanllama", "libggml-cpu");
        assertThatThrownBy(() -> NativeFolder.open(temp.resolve("no"), Origin.SYSTEM_PROPERTY))
                .hasMessageContainingAll(temp.resolve("no").toString(), "no folder");
    }

    @Test
    void namesTellStemVariantAndPlugin() {
        assertThat(NativeFile.stem("libggml.v0.5.0.so")).isEqualTo("ggml");
        assertThat(NativeFile.stem("libllama.0.dylib")).isEqualTo("llama");
        assertThat(NativeFile.stem("ggml-base.dll")).isEqualTo("ggml-base");
        assertThat(NativeFile.stem("libc.so.6")).isNull();
        assertThat(Backends.variant("libggml-cpu-zen4.so")).isEqualTo("zen4");
        assertThat(Backends.variant("libggml-cpu.so")).isNull();
    }
}
