package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFileTest {
    @TempDir
    private Path folder;

    @Test
    void itIsWrittenOnceWhenItIsNeededAndDeletedAfterwards() throws IOException {
        Path path = folder.resolve("models").resolve("m.gguf");
        WrittenFile file =
                new WrittenFile(path, target -> Files.writeString(target, "a", StandardOpenOption.CREATE_NEW));
        assertThat(path.getParent()).doesNotExist();
        assertThat(file.get()).isEqualTo(path).hasContent("a");
        assertThat(file.get()).hasContent("a");
        file.release();
        assertThat(path).doesNotExist();
        assertThat(file.get()).hasContent("a");
    }

    @Test
    void oneThatAKilledRunHasLeftIsUsedAndDeleted() throws IOException {
        Path path = folder.resolve("m.gguf");
        new WrittenFile(path, target -> Files.writeString(target, "left")).get();
        WrittenFile file = new WrittenFile(path, target -> {
            throw new IOException("not to be written");
        });
        assertThat(file.get()).hasContent("left");
        file.release();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void oneThatWasThereBeforeIsUsedAndStays() throws IOException {
        Path path = Files.writeString(folder.resolve("m.gguf"), "mine");
        WrittenFile file = new WrittenFile(path, target -> {
            throw new IOException("not to be written");
        });
        assertThat(file.get()).hasContent("mine");
        file.release();
        assertThat(path).hasContent("mine");
    }

    @Test
    void whatCannotBeWrittenIsToldAndNothingIsDeleted() throws IOException {
        WrittenFile file = new WrittenFile(folder.resolve("m.gguf"), _ -> {
            throw new IOException("no room");
        });
        assertThatThrownBy(file::get).hasMessage("no room");
        file.release();
        assertThat(folder).isEmptyDirectory();
    }
}
