package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Shared libraries that tests write in C and compile. */
final class TestLibrary {
    private TestLibrary() {}

    /** Compiles a source; the arguments come after it. */
    static void compile(Path library, String source, String... arguments) throws IOException, InterruptedException {
        Path file = Files.createTempFile(library.toAbsolutePath().getParent(), "source", ".c");
        Files.writeString(file, source);
        List<String> command = new ArrayList<>(List.of(
                Objects.requireNonNullElse(System.getenv("CC"), "cc"),
                "-shared",
                "-fPIC",
                "-O0",
                "-o",
                library.toString(),
                file.toString()));
        command.addAll(List.of(arguments));
        Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor()).as(output).isZero();
        Files.delete(file);
    }

    /** The line of a source that puts nvcc's fat binary of {@code chips.cu} where nvcc does. */
    static String fatBinary(Path folder) throws IOException {
        Path file = folder.resolve("chips.fatbin");
        if (!Files.exists(file)) {
            try (InputStream in = Objects.requireNonNull(TestLibrary.class.getResourceAsStream("chips.fatbin"))) {
                Files.copy(in, file);
            }
        }
        return "__asm__(\".section .nv_fatbin,\\\"a\\\"\\n.align 8\\n.incbin \\\"%s\\\"\\n.previous\");\n"
                .formatted(file);
    }
}
