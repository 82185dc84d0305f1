package io.github.panllama.cli;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The model that stands in where none is given: tiny, random, written once into the user's cache folder. */
final class SyntheticFile {
    private SyntheticFile() {}

    /** The file, written if it is not there yet. */
    static Path get() throws IOException {
        Path file = cacheFolder(
                        System.getProperty("panllama.cache"),
                        System.getenv(),
                        System.getProperty("os.name"),
                        Path.of(System.getProperty("user.home")))
                .resolve("models")
                .resolve("synthetic-llama-%s.gguf".formatted(Version.current().replaceAll("[^0-9A-Za-z.-]", "")));
        if (!Files.isRegularFile(file)) {
            Files.createDirectories(file.getParent());
            SyntheticModel.builder(Architecture.LLAMA).write(file);
        }
        return file;
    }

    /** The folder that the native libraries are unpacked into as well. */
    static Path cacheFolder(@Nullable String property, Map<String, String> environment, String os, Path home) {
        if (property != null && !property.isBlank()) {
            return Path.of(property);
        }
        String variable = environment.getOrDefault("PANLLAMA_CACHE", "");
        if (!variable.isBlank()) {
            return Path.of(variable);
        }
        String name = os.toLowerCase(Locale.ROOT);
        if (name.startsWith("mac")) {
            return home.resolve("Library/Caches/panllama");
        }
        if (name.startsWith("windows")) {
            return folder(environment.get("LOCALAPPDATA"), home.resolve("AppData/Local"))
                    .resolve("panllama/cache");
        }
        return folder(environment.get("XDG_CACHE_HOME"), home.resolve(".cache")).resolve("panllama");
    }

    private static Path folder(@Nullable String variable, Path otherwise) {
        // A relative XDG_CACHE_HOME is to be ignored, says its specification.
        return variable != null && Path.of(variable).isAbsolute() ? Path.of(variable) : otherwise;
    }
}
