package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFolderTest {
    @TempDir
    private Path temp;

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void everyFolderThatIsMadeIsTheOwnersAlone() throws IOException {
        Path folder = temp.resolve("one/two");
        PrivateFolder.create(folder);
        assertThat(permissions(folder)).isEqualTo("rwx------");
        assertThat(permissions(folder.getParent())).isEqualTo("rwx------");
        assertThat(PrivateFolder.fault(folder)).isNull();
        assertThat(PrivateFolder.belongsToAnother(folder)).isFalse();
    }

    @Test
    void folderThatIsThereStaysAsItIs() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("open"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        PrivateFolder.create(folder);
        assertThat(permissions(folder)).isEqualTo("rwxrwxrwx");
        assertThat(PrivateFolder.isOpenToAll(folder)).isTrue();
        assertThat(PrivateFolder.isExchangeable(folder)).isTrue();
        assertThat(PrivateFolder.fault(folder)).contains("others may write to", "rwxrwxrwx");
    }

    @Test
    void groupMayNotChangeTheLibraries() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("group"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwx---"));
        assertThat(PrivateFolder.isOpenToAll(folder)).isFalse();
        assertThat(PrivateFolder.fault(folder)).contains("rwxrwx---");
    }

    @Test
    void ownerIsTrustedByNameByNumberOrAsRoot() {
        assertThat(PrivateFolder.isTrusted("mallory", 1001, "alice", 1000)).isFalse();
        assertThat(PrivateFolder.isTrusted("mallory", 1001, "?", 1000)).isFalse();
        assertThat(PrivateFolder.isTrusted("mallory", 1001, "alice", null)).isFalse();
        assertThat(PrivateFolder.isTrusted("alice", 1000, "alice", 0)).isTrue();
        assertThat(PrivateFolder.isTrusted("1000", 1000, "?", 1000)).isTrue();
        assertThat(PrivateFolder.isTrusted("root", 0, "alice", 1000)).isTrue();
    }
}
