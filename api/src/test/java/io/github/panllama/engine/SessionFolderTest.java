package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may lie in a folder of sessions beside what an engine has put there. */
class SessionFolderTest {
    private static final SessionFile.Content CONTENT = new SessionFile.Content(new int[] {1, 2}, new int[0], null);

    private static LlamaModel model;

    @TempDir
    Path temp;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static SessionFolder open(Path folder) {
        return SessionFolder.open(folder, model, SessionLimits.of(model, 256, 1 << 20));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void whatIsMadeIsTheOwnersAlone() throws Exception {
        Path folder = temp.resolve("a/b");
        try (SessionFolder sessions = open(folder)) {
            sessions.write("s", CONTENT, () -> false);
            assertThat(permissions(folder.getParent())).isEqualTo("rwx------");
            assertThat(permissions(folder)).isEqualTo("rwx------");
            assertThat(permissions(folder.resolve(".lock"))).isEqualTo("rw-------");
            assertThat(permissions(folder.resolve("s.session"))).isEqualTo("rw-------");
            assertThat(sessions.read("s").tokens).containsExactly(1, 2);
        }
    }

    @Test
    void aFolderThatOthersMayChangeIsRefused() throws Exception {
        for (String permissions : new String[] {"rwxrwxrwx", "rwxrwx---", "rwx----w-"}) {
            Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString(permissions));
            assertThatThrownBy(() -> open(temp))
                    .isInstanceOf(LlamaException.class)
                    .hasMessageContainingAll("others may write to " + temp, permissions);
        }
        assertThat(temp).isEmptyDirectory();
        Path own = Files.createDirectory(temp.resolve("own"));
        Path link = Files.createSymbolicLink(temp.resolve("link"), own);
        assertThatThrownBy(() -> open(link))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining(link + " is a link");
        assertThat(own).isEmptyDirectory();
    }

    @Test
    void noLinkIsFollowedOut() throws Exception {
        Path outside = temp.resolve("outside.session");
        Path folder = temp.resolve("sessions");
        try (SessionFolder sessions = open(temp.resolve("other"))) {
            sessions.write("outside", CONTENT, () -> false);
            Files.move(temp.resolve("other/outside.session"), outside);
        }
        byte[] before = Files.readAllBytes(outside);
        try (SessionFolder sessions = open(folder)) {
            Path link = Files.createSymbolicLink(folder.resolve("s.session"), outside);
            assertThat(sessions.has("s")).isTrue();
            assertThatThrownBy(() -> sessions.read("s"))
                    .isInstanceOf(InvalidStateException.class)
                    .hasMessageContaining(link.toString());
            sessions.write("s", new SessionFile.Content(new int[] {3}, new int[0], null), () -> false);
            assertThat(sessions.read("s").tokens).containsExactly(3);
            assertThat(link).isRegularFile().matches(path -> !Files.isSymbolicLink(path));
        }
        assertThat(outside).hasBinaryContent(before);
        Path lock = folder.resolve(".lock");
        Files.delete(lock);
        Files.createSymbolicLink(lock, temp.resolve("made"));
        assertThatThrownBy(() -> open(folder)).isInstanceOf(LlamaException.class);
        assertThat(temp.resolve("made")).doesNotExist();
    }

    @Test
    void whatIsNoFileIsNoSession() throws Exception {
        try (SessionFolder sessions = open(temp)) {
            Files.createDirectory(temp.resolve("s.session"));
            assertThatThrownBy(() -> sessions.read("s")).isInstanceOf(InvalidStateException.class);
        }
    }

    @Test
    void whatAKilledProcessWasWritingIsDeletedAndNothingElse() throws Exception {
        Path leftover = Files.writeString(temp.resolve("s.session.part-1f2e"), "half of a conversation");
        Path session = Files.writeString(temp.resolve("s.session"), "whole");
        Path other = Files.writeString(temp.resolve("notes.part-1"), "somebody's");
        Path folder = Files.createDirectories(temp.resolve("t.session.part-2/inside"));
        try (SessionFolder _ = open(temp)) {
            assertThat(leftover).doesNotExist();
            assertThat(session).exists();
            assertThat(other).exists();
            assertThat(folder).exists();
            Files.writeString(leftover, "another's that is being written");
            assertThatThrownBy(() -> open(temp)).hasMessageContaining("in use");
            assertThat(leftover).exists();
        }
    }

    @Test
    void idsThatDifferInCaseAloneHaveFilesOfTheirOwnEverywhere() {
        Map<String, String> ids = new HashMap<>();
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder id = new StringBuilder();
            for (int j = random.nextInt(1, 12); j > 0; j--) {
                id.append("aAbB-_0".charAt(random.nextInt(7)));
            }
            String name = SessionFolder.fileName(id.toString(), true).toLowerCase(Locale.ROOT);
            assertThat(ids.merge(name, id.toString(), (before, now) -> before.equals(now) ? now : before + now))
                    .isEqualTo(id.toString());
            assertThat(SessionFolder.fileName(id.toString(), false)).isEqualTo(id + ".session");
        }
        assertThat(SessionFolder.fileName("A".repeat(128), true)).hasSizeLessThan(255 - 32);
    }
}
