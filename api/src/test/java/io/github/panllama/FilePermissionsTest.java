package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePermissionsTest {
    @TempDir
    private Path folder;

    private Path file(String permissions) throws IOException {
        Path file = folder.resolve("m.gguf");
        Files.writeString(file, "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file;
    }

    @Test
    void everybodyMayWriteWhereTheFileSaysSo() throws IOException {
        assertThat(FilePermissions.othersMayWrite(file("rw-r--r--"))).isFalse();
        assertThat(FilePermissions.othersMayWrite(file("rw-rw-rw-"))).isTrue();
        assertThat(FilePermissions.othersMayWrite(folder.resolve("none"))).isFalse();
    }

    @Test
    void anotherOwnerMayAlwaysWrite() throws IOException {
        PosixFileAttributes readable = Files.readAttributes(file("r--r--r--"), PosixFileAttributes.class);
        assertThat(FilePermissions.othersMayWrite(readable, false)).isFalse();
        assertThat(FilePermissions.othersMayWrite(readable, true)).isTrue();
    }
}
