package io.github.panllama.bindings;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where files are kept that can be made again: what the user chose, else where the system keeps such things. */
public final class CacheFolder {
    static final String PROPERTY = "panllama.cache";
    static final String VARIABLE = "PANLLAMA_CACHE";

    private CacheFolder() {}

    /** {@return the user's cache folder, absolute; it may not be there yet} */
    public static Path ofUser() {
        return of(
                System.getProperty(PROPERTY),
                System.getenv(),
                Platform.current(),
                Path.of(System.getProperty("user.home")));
    }

    static Path of(@Nullable String property, Map<String, String> environment, Platform platform, Path home) {
        if (property != null && !property.isBlank()) {
            return Path.of(property).toAbsolutePath();
        }
        String variable = environment.getOrDefault(VARIABLE, "");
        if (!variable.isBlank()) {
            return Path.of(variable).toAbsolutePath();
        }
        return switch (platform.os()) {
            case "macos" -> home.resolve("Library/Caches/panllama");
            case "windows" ->
                folder(environment.get("LOCALAPPDATA"), home.resolve("AppData/Local"))
                        .resolve("panllama/cache");
            default ->
                folder(environment.get("XDG_CACHE_HOME"), home.resolve(".cache"))
                        .resolve("panllama");
        };
    }

    private static Path folder(@Nullable String variable, Path otherwise) {
        // A relative XDG_CACHE_HOME is to be ignored, says its specification.
        return variable != null && Path.of(variable).isAbsolute() ? Path.of(variable) : otherwise;
    }
}
