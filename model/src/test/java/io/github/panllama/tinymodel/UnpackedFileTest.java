package io.github.panllama.tinymodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedFileTest {
    private static final int PROCESSES = 6;

    @TempDir
    private Path folder;

    @Test
    void holdsTheContentAndIsNamedByIt() throws IOException {
        byte[] content = content(1);
        Path file = UnpackedFile.of(folder.resolve("new/one"), "model.gguf", content);

        assertThat(file.getFileName().toString()).matches("model-[0-9a-f]{16}\\.gguf");
        assertThat(file).hasBinaryContent(content);
        assertThat(UnpackedFile.of(folder, "model.gguf", content(2)).getFileName())
                .isNotEqualTo(file.getFileName());
    }

    @Test
    void isWrittenOnce() throws IOException {
        Path file = UnpackedFile.of(folder, "model.gguf", content(1));
        FileTime longAgo = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(file, longAgo);

        assertThat(UnpackedFile.of(folder, "model.gguf", content(1))).isEqualTo(file);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(longAgo);
    }

    @Test
    void aDamagedFileIsReplaced() throws IOException {
        byte[] content = content(1);
        Path file = UnpackedFile.of(folder, "model.gguf", content);
        byte[] changed = content.clone();
        changed[content.length / 2] ^= 1;
        for (byte[] damaged : List.of(changed, new byte[0], new byte[content.length + 1])) {
            Files.write(file, damaged);
            assertThat(UnpackedFile.of(folder, "model.gguf", content)).hasBinaryContent(content);
        }
        assertOnlyFile(file);
    }

    @Test
    void aLinkIsReplacedAndNotWrittenThrough() throws IOException {
        byte[] content = content(1);
        Path file = UnpackedFile.of(folder, "model.gguf", content);
        Path outside = Files.move(file, folder.resolve("outside"));
        Files.createSymbolicLink(file, outside);

        assertThat(UnpackedFile.of(folder, "model.gguf", content)).isEqualTo(file);
        assertThat(Files.isSymbolicLink(file)).isFalse();
        assertThat(outside).hasBinaryContent(content);
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("file"), "text");
        assertThatThrownBy(() -> UnpackedFile.of(notAFolder, "model.gguf", content(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(notAFolder.toString())
                .hasMessageContaining("PANLLAMA_CACHE");
    }

    @Test
    void manyProcessesAtOnceGetOneWholeFile() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            String.join(java.io.File.pathSeparator, root(UnpackedFile.class), root(Unpacker.class)),
                            Unpacker.class.getName(),
                            folder.toString())
                    .redirectErrorStream(true)
                    .start());
        }
        byte[] content = content(7);
        Path file = UnpackedFile.of(folder, "model.gguf", content);
        for (Process process : processes) {
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        }
        assertThat(file).hasBinaryContent(content);
        assertOnlyFile(file);
    }

    private void assertOnlyFile(Path file) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    private static String root(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static byte[] content(long seed) {
        byte[] content = new byte[1 << 20];
        new Random(seed).nextBytes(content);
        return content;
    }

    /** The main class of a process that unpacks the same content again and again, as the first one did. */
    static final class Unpacker {
        private Unpacker() {}

        public static void main(String[] args) throws IOException {
            byte[] content = content(7);
            for (int i = 0; i < 20; i++) {
                Path file = UnpackedFile.of(Path.of(args[0]), "model.gguf", content);
                if (!java.util.Arrays.equals(Files.readAllBytes(file), content)) {
                    throw new IOException(file + " is not whole");
                }
            }
        }
    }
}
