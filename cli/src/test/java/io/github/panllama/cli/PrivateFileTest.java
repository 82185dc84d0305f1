package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFileTest {
    @TempDir
    private Path folder;

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void isForTheUserAloneAndReplacesWhatWasThere() throws IOException {
        Path file = Files.writeString(folder.resolve("talk.json"), "before");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        PrivateFile.write(file, "after");
        assertThat(file).hasContent("after");
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(names()).containsExactly("talk.json");
    }

    @Test
    void isNotWrittenThroughALink() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "somebody's");
        Path link = Files.createSymbolicLink(folder.resolve("link"), outside);
        PrivateFile.write(link, "mine");
        assertThat(outside).hasContent("somebody's");
        assertThat(link).hasContent("mine").matches(path -> !Files.isSymbolicLink(path));
    }

    @Test
    void whatCannotBeWrittenLeavesNothingBehind() throws IOException {
        Path inTheWay = Files.createDirectories(folder.resolve("folder/inside")).getParent();
        assertThatThrownBy(() -> PrivateFile.write(inTheWay, "text")).isInstanceOf(IOException.class);
        assertThat(names()).containsExactly("folder");
    }

    @Test
    void theSyntheticModelIsMadeAgainWhereItIsDamaged() throws IOException {
        Path file = SyntheticFile.get(folder.resolve("cache/models"));
        assertThat(permissions(folder.resolve("cache"))).isEqualTo("rwx------");
        assertThat(permissions(folder.resolve("cache/models"))).isEqualTo("rwx------");
        byte[] whole = Files.readAllBytes(file);
        for (byte[] damaged : List.of(new byte[0], new byte[100], Arrays.copyOf(whole, whole.length / 2))) {
            Files.write(file, damaged);
            assertThat(SyntheticFile.get(file.getParent())).isEqualTo(file).hasBinaryContent(whole);
        }
        assertThat(GgufFile.read(file).metadata().architecture()).hasValue("llama");
    }
}
