package io.github.panllama;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the native build has what a C or C++ program of the tests is compiled with. */
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

    /** The llama.h that the native build compiled its shim with: below one of the folders of the property. */
    public static Path header() throws IOException {
        String roots = System.getProperty("panllama.test.headers");
        for (String root : roots.split(File.pathSeparator, -1)) {
            if (!root.isEmpty() && Files.isDirectory(Path.of(root))) {
                try (Stream<Path> files =
                        Files.find(Path.of(root), 6, (path, attributes) -> path.endsWith("include/llama.h"))) {
                    Optional<Path> header = files.findFirst();
                    if (header.isPresent()) {
                        return header.get();
                    }
                }
            }
        }
        throw new AssertionError("no llama.h below " + roots);
    }
}
