package io.github.panllama;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the native build has what tests need of llama.cpp's source and libraries. */
public final class NativeBuild {
    private NativeBuild() {}

    /** The file of a library that this JVM uses, such as {@code libllama}. */
    public static Path library(String name) {
        return Llama.libraries().stream()
                .map(Llama.NativeLibrary::path)
                .filter(path -> path.getFileName().toString().matches(name + "\\.(v[0-9.]+\\.)?(so|dylib)"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not loaded: " + Llama.libraries()));
    }

    /** The llama.h that the native build compiled its shim with. */
    public static Path header() throws IOException {
        return find("include/llama.h");
    }

    /** llama.cpp's collection of chat templates, as the native build unpacked it. */
    public static Path templates() throws IOException {
        return find("models/templates");
    }

    /** A part of llama.cpp's source: below one of the folders of the property. */
    private static Path find(String end) throws IOException {
        String roots = System.getProperty("panllama.test.headers");
        for (String root : roots.split(File.pathSeparator, -1)) {
            if (!root.isEmpty() && Files.isDirectory(Path.of(root))) {
                try (Stream<Path> files = Files.find(Path.of(root), 6, (path, attributes) -> path.endsWith(end))) {
                    Optional<Path> found = files.findFirst();
                    if (found.isPresent()) {
                        return found.get();
                    }
                }
            }
        }
        throw new AssertionError("no %s below %s".formatted(end, roots));
    }
}
