package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.QuantizationType;
import io.github.panllama.synthetic.PresetModel;
import io.github.panllama.synthetic.SyntheticPreset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CancellationException;
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

    /** A run that is killed ends where it is: what is tried here happens while another one writes. */
    @Test
    void whatARunThatWasKilledWhileItWroteHasLeftIsDeleted() throws IOException {
        Path path = folder.resolve("m.gguf");
        Path other = Files.writeString(folder.resolve("n.gguf.part-1"), "of somebody else");
        WrittenFile next = new WrittenFile(path, target -> {
            assertThat(folder).isDirectoryNotContaining("glob:**/m.gguf.part-*");
            Files.writeString(target, "whole");
        });
        PresetModel model = SyntheticPreset.DEEPSEEK_R1_DISTILL_QWEN_1_5B.model(QuantizationType.Q4_K_M);
        WrittenFile killed = new WrittenFile(
                path, target -> model.withProgress(_ -> whileItIsWritten(next)).write(target));
        assertThatThrownBy(killed::get).isInstanceOf(CancellationException.class);
        assertThat(path).hasContent("whole");
        Files.writeString(folder.resolve("m.gguf.part-2"), "left");
        next.release();
        assertThat(folder.toFile().list()).containsExactly("n.gguf.part-1");
        assertThat(other).exists();
    }

    private boolean whileItIsWritten(WrittenFile next) {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "m.gguf.part-*")) {
            if (!parts.iterator().hasNext()) {
                return true; // it has not begun
            }
            next.get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return false;
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
