package io.github.panllama.tinymodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each file is unpacked as it is, or, where the jar was built without it, is missed by name. */
class TinyModelTest {
    /** A method of {@link TinyModel} and its resource. */
    private record Bundled(String name, java.util.function.Supplier<Path> method) {}

    private static final List<Bundled> FILES = List.of(
            new Bundled(TinyModel.MODEL, TinyModel::path),
            new Bundled(TinyModel.EXPERTS, TinyModel::expertsPath),
            new Bundled(TinyModel.QUESTIONS, TinyModel::questions));

    @TestFactory
    List<DynamicTest> files(@TempDir Path cache) {
        return FILES.stream()
                .map(file -> TinyModel.class.getResource(file.name()) == null
                        ? DynamicTest.dynamicTest(file.name() + " is not there", () -> missed(file))
                        : DynamicTest.dynamicTest(file.name() + " is unpacked", () -> unpacked(file, cache)))
                .toList();
    }

    private static void missed(Bundled file) {
        assertThatThrownBy(() -> file.method().get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file.name());
    }

    private static void unpacked(Bundled file, Path cache) throws IOException {
        String before = System.setProperty("panllama.cache", cache.toString());
        try (var resource = TinyModel.class.getResourceAsStream(file.name())) {
            Path path = file.method().get();
            assertThat(path.toAbsolutePath()).startsWith(cache).hasBinaryContent(resource.readAllBytes());
            assertThat(Files.size(path)).isPositive();
            assertThat(file.method().get()).isEqualTo(path);
        } finally {
            if (before == null) {
                System.clearProperty("panllama.cache");
            } else {
                System.setProperty("panllama.cache", before);
            }
        }
    }
}
