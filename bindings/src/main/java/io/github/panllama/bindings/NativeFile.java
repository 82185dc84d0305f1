package io.github.panllama.bindings;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One file of a folder of native libraries.
 *
 * @param name its name, without a folder
 * @param role what it is for
 * @param expected its size and digest; {@code null} where nobody says
 */
record NativeFile(String name, Role role, @Nullable Expected expected) {
    /**
     * What a file must be.
     *
     * @param size in bytes
     * @param sha256 in lower-case hexadecimal
     */
    record Expected(long size, String sha256) {}

    /** What a file is for; the order of the first three is the order to load in. */
    enum Role {
        /** ggml-base, which everything else needs. */
        BASE,
        /** ggml, llama, llama-common. */
        LIBRARY,
        /** panllama's own library. */
        SHIM,
        /** A variant of the CPU backend. */
        CPU,
        /** The backend of another device. */
        PLUGIN,
        /** A licence. */
        NOTICE;

        static Role of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        /** Whether the JVM loads it; backends are loaded by ggml. */
        boolean loadedByJava() {
            return this == BASE || this == LIBRARY || this == SHIM;
        }
    }

    // libggml-base.so, libllama.v0.5.0.so, libllama.so.0, libllama.0.dylib, ggml.dll
    private static final Pattern LIBRARY_NAME = Pattern.compile(
            "(?:lib)?(ggml|llama|panllama)(-[a-z0-9_-]+)?(?:\\.v?\\d+)*\\.(?:so|dylib|dll)(?:\\.\\d+)*");

    /** The stem of a library's name, without prefix, version and suffix: {@code ggml-cpu-zen4}; {@code null} for others. */
    static @Nullable String stem(String fileName) {
        Matcher matcher = LIBRARY_NAME.matcher(fileName);
        return matcher.matches() ? matcher.group(1) + (matcher.group(2) == null ? "" : matcher.group(2)) : null;
    }

    /** The role of a library that no index describes. */
    static Role roleOf(String stem) {
        return switch (stem) {
            case "ggml-base" -> Role.BASE;
            case "ggml", "llama", "llama-common" -> Role.LIBRARY;
            case "panllama" -> Role.SHIM;
            default -> stem.startsWith("ggml-cpu") ? Role.CPU : Role.PLUGIN;
        };
    }

    /** The name of a plugin's device, such as {@code cuda}. */
    String plugin() {
        String stem = stem(name);
        return stem == null ? name : stem.replaceFirst("^ggml-", "");
    }
}
