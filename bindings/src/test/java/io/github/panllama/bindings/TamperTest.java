package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real libraries, damaged in every way that the loader promises to notice, each in a JVM of its own. */
class TamperTest {
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    @TempDir
    private Path temp;

    private Path folder;

    @BeforeEach
    void copyLibraries() throws IOException {
        folder = copyOf(Objects.requireNonNull(
                NativeRuntime.get().libraries().getFirst().path().getParent()));
    }

    private Path copyOf(Path source) throws IOException {
        Path copy = Files.createDirectories(temp.resolve("libraries"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private ForkedJvm.Result load() throws IOException, InterruptedException {
        return jvm().option("-Dpanllama.library.path=" + folder).run(ForkedJvm.LoadMain.class);
    }

    private static ForkedJvm jvm() {
        return new ForkedJvm().option(NATIVE_ACCESS);
    }

    private void withoutIndex() throws IOException {
        Files.delete(folder.resolve(NativeIndex.FILE_NAME));
    }

    private static void assertRefused(ForkedJvm.Result result, String... named) {
        assertThat(result.output()).contains("refused: ").contains("again: ").contains(named);
        assertThat(result.exit()).isZero();
    }

    @Test
    void untouchedCopyLoads() throws Exception {
        ForkedJvm.Result result = load();
        assertThat(result.output()).contains("loaded from " + folder);
        assertThat(result.exit()).isZero();
    }

    @Test
    void untouchedCopyWithoutIndexLoadsByName() throws Exception {
        withoutIndex();
        assertThat(load().output()).contains("loaded from " + folder);
    }

    @Test
    void shimOfAnotherReleaseIsRefusedWithBothReleases() throws Exception {
        withoutIndex();
        ShimBuild.compile(folder, ShimBuild.headers(), "0.4.9");
        assertRefused(load(), "0.4.9", Pin.RELEASE, folder.toString());
    }

    @Test
    void shimWithAnotherStructIsRefusedWithStructFieldAndBothNumbers() throws Exception {
        withoutIndex();
        ShimBuild.compile(folder, ShimBuild.headersWithAFieldMore(temp.resolve("headers")), Pin.RELEASE);
        assertRefused(
                load(),
                "size of struct llama_context_params: native 168, bindings 160",
                "offset of n_batch in struct llama_context_params: native 8, bindings 4",
                folder.toString());
    }

    @Test
    void libraryThatIsMissingIsNamed() throws Exception {
        Files.delete(folder.resolve("libpanllama.so"));
        assertRefused(load(), folder.resolve("libpanllama.so") + " is missing");
        withoutIndex();
        assertRefused(load(), folder.toString(), "lacks libpanllama");
    }

    @Test
    void libraryWithoutTheShimsSymbolsIsRefused() throws Exception {
        withoutIndex();
        Files.copy(
                folder.resolve("libggml-base.so"),
                folder.resolve("libpanllama.so"),
                StandardCopyOption.REPLACE_EXISTING);
        assertRefused(load(), "panllama_built_for", folder.toString());
    }

    @Test
    void truncatedLibraryIsNamedWithAndWithoutIndex() throws Exception {
        Path base = folder.resolve("libggml-base.so");
        try (FileChannel channel = FileChannel.open(base, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
        assertRefused(load(), base.toString(), "bytes instead of");
        withoutIndex();
        assertRefused(load(), base.toString(), "truncated");
    }

    @Test
    void libraryWithAnotherDigestIsNamedWithBothDigests() throws Exception {
        Path cpu = folder.resolve("libggml-cpu-x64.so");
        String before = Sha256.of(cpu);
        try (FileChannel channel = FileChannel.open(cpu, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(new byte[] {1}), channel.size() - 1);
        }
        assertRefused(load(), cpu.toString(), before, Sha256.of(cpu));
    }

    @Test
    void deniedNativeAccessNamesTheFlag() throws Exception {
        ForkedJvm.Result result = new ForkedJvm()
                .option("--illegal-native-access=deny")
                .option("-Dpanllama.library.path=" + folder)
                .run(ForkedJvm.LoadMain.class);
        assertRefused(
                result, "--enable-native-access=ALL-UNNAMED", "--enable-native-access=io.github.panllama.bindings");
    }

    @Test
    void jarThatIsNotThereIsNamedAsADependency() throws Exception {
        assertRefused(
                jvm().run(ForkedJvm.LoadMain.class),
                "none found",
                "io.github.panllama:panllama-native",
                Platform.current().classifier());
    }

    @Test
    void jvmsThatStartAtOnceOverAnEmptyCacheAllLoadFromOneFolder() throws Exception {
        Path cache = temp.resolve("cache");
        List<Process> processes = new ArrayList<>();
        List<Path> outputs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            outputs.add(temp.resolve("output" + i));
            processes.add(jvm().option("-Dpanllama.cache=" + cache)
                    .classPath(jar())
                    .start(ForkedJvm.LoadMain.class, outputs.get(i)));
        }
        for (int i = 0; i < processes.size(); i++) {
            assertThat(ForkedJvm.finish(processes.get(i), outputs.get(i)).output())
                    .contains("loaded from " + cache);
        }
        try (Stream<Path> entries = Files.list(cache)) {
            assertThat(entries).hasSize(1);
        }
    }

    /** The folder as the content of a native jar. */
    private Path jar() throws IOException {
        Path root = temp.resolve("jar");
        Path inside = root.resolve("META-INF/panllama/natives/real");
        if (!Files.exists(inside)) {
            Files.createDirectories(Objects.requireNonNull(inside.getParent()));
            Files.move(folder, inside);
            Map<String, String> roles = new LinkedHashMap<>();
            for (NativeFile file : NativeFolder.open(inside, Origin.CACHE).files()) {
                roles.put(file.name(), file.role().name().toLowerCase(Locale.ROOT));
            }
            Files.writeString(
                    inside.resolve(NativeIndex.FILE_NAME),
                    FakePackage.index(inside, "core", Platform.current().classifier(), roles));
            Files.writeString(
                    root.resolve(NativeLocator.INDEX_LIST), "META-INF/panllama/natives/real/index.properties\n");
        }
        return root;
    }
}
