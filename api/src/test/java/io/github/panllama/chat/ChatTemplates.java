package io.github.panllama.chat;

import io.github.panllama.NativeBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** llama.cpp's collection of templates, in the source that the native build unpacked. */
final class ChatTemplates {
    private ChatTemplates() {}

    static List<Path> all() throws IOException {
        return all(NativeBuild.templates());
    }

    static List<Path> all(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jinja"))
                    .sorted()
                    .toList();
        }
    }
}
