package io.github.panllama.tinymodel;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The user's cache folder, by the rule by which the native libraries find theirs. The rule is written here once more
 * because this jar stands alone: who wants the model need not take the bindings with it.
 */
final class CacheFolder {
    private CacheFolder() {}

    static Path ofUser() {
        return of(
                System.getProperty("panllama.cache"),
                System.getenv(),
                System.getProperty("os.name"),
                Path.of(System.getProperty("user.home")));
    }

    static Path of(@Nullable String property, Map<String, String> environment, String os, Path home) {
        if (property != null && !property.isBlank()) {
            return Path.of(property).toAbsolutePath();
        }
        String variable = environment.getOrDefault("PANLLAMA_CACHE", "");
        if (!variable.isBlank()) {
            return Path.of(variable).toAbsolutePath();
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
