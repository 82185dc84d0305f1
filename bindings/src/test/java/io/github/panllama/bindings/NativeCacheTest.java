package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
    @TempDir
    private Path temp;

    private Path root;
    private NativePackage source;

    @BeforeEach
    void pack() throws IOException {
        root = temp.resolve("cache/of/user");
        source = FakePackage.write(
                temp.resolve("jar"), "core", FakePackage.PLATFORM, Map.of("liba.so", "base", "libb.so", "library"));
    }

    private NativeFolder unpack() {
        return new NativeCache(root).unpack(source);
    }

    @Test
    void unpackedFolderIsPrivateAndHoldsTheFilesAndTheIndex() throws IOException {
        NativeFolder folder = unpack();
        assertThat(folder.path().resolve("liba.so")).hasContent("content of liba.so");
        assertThat(folder.path().resolve(NativeIndex.FILE_NAME)).exists();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                .isEqualTo("rwx------");
        assertThat(folder.path().getFileName().toString()).startsWith("0.5.0-linux-x86_64-core-");
    }

    @Test
    void secondStartUsesWhatIsThere() throws IOException {
        Path file = unpack().path().resolve("liba.so");
        Object before = Files.getAttribute(file, "unix:ino");
        unpack();
        assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(before);
    }

    @Test
    void changedFileIsRefusedWithItsNameBothDigestsAndTheWayOut() throws IOException {
        NativeFolder folder = unpack();
        Path file = folder.path().resolve("liba.so");
        String expected = Sha256.of(file);
        Files.writeString(file, "CONTENT OF LIBA.SO");
        assertThatThrownBy(this::unpack)
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContainingAll(
                        file.toString(), expected, Sha256.of(file), "delete the folder " + folder.path());
    }

    @Test
    void truncatedAndMissingFilesAreRefusedByName() throws IOException {
        Path file = unpack().path().resolve("libb.so");
        Files.writeString(file, "short");
        assertThatThrownBy(this::unpack).hasMessageContainingAll(file.toString(), "5 bytes instead of 18");
        Files.delete(file);
        assertThatThrownBy(this::unpack).hasMessageContainingAll(file.toString(), "is missing");
    }

    @Test
    void damagedJarIsRefusedAndLeavesNothingBehind() throws IOException {
        Path inJar = temp.resolve("jar/META-INF/panllama/natives/linux-x86_64-core/libb.so");
        String expected = Sha256.of(inJar);
        Files.writeString(inJar, "tampered with");
        assertThatThrownBy(this::unpack).hasMessageContainingAll("libb.so", "native jar", expected, Sha256.of(inJar));
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void folderThatOthersMayWriteToIsRefused() throws IOException {
        Path folder = unpack().path();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(this::unpack).hasMessageContainingAll(folder.toString(), "rwxrwxrwx");
    }

    @Test
    void linkInThePlaceOfTheFolderIsRefused() throws IOException {
        Path folder = unpack().path();
        Path elsewhere = temp.resolve("elsewhere");
        Files.move(folder, elsewhere);
        Files.createSymbolicLink(folder, elsewhere);
        assertThatThrownBy(this::unpack).hasMessageContainingAll(folder.toString(), "is a link", "-Dpanllama.cache");
    }

    @Test
    void cacheInWhichEverybodyMayReplaceEverythingIsRefused() throws IOException {
        unpack();
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(this::unpack).hasMessageContainingAll("everybody may write to " + root);
        Files.setAttribute(root, "unix:mode", 01777); // as /tmp
        assertThat(unpack().path()).isDirectory();
    }

    @Test
    void cacheThatCannotBeMadeNamesTheOptions() throws IOException {
        Files.createDirectories(root.getParent());
        Files.writeString(root, "a file where the folder should be");
        assertThatThrownBy(this::unpack).hasMessageContainingAll(root.toString(), "-Dpanllama.cache", "PANLLAMA_CACHE");
    }

    @Test
    void manyThatUnpackAtOnceAllGetTheSameFolderAndLeaveNoOther() throws Exception {
        int threads = 8;
        CyclicBarrier together = new CyclicBarrier(threads);
        Callable<Path> task = () -> {
            together.await();
            return unpack().path();
        };
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Path> folders = new ArrayList<>();
            for (Future<Path> future : executor.invokeAll(
                    Stream.generate(() -> task).limit(threads).toList())) {
                folders.add(future.get());
            }
            assertThat(folders).hasSize(threads);
            assertThat(folders.stream().distinct()).hasSize(1);
        }
        try (Stream<Path> entries = Files.list(root)) {
            assertThat(entries).hasSize(1);
        }
    }
}
