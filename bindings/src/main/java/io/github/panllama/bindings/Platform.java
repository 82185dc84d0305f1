package io.github.panllama.bindings;

import java.util.Locale;

/**
 * An operating system and processor, as the native jars name them.
 *
 * @param os {@code linux}, {@code macos}, {@code windows}, or what {@code os.name} says
 * @param arch {@code x86_64}, {@code aarch64}, or what {@code os.arch} says
 */
record Platform(String os, String arch) {
    static Platform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String arch = osArch.toLowerCase(Locale.ROOT);
        return new Platform(
                os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os,
                arch.equals("amd64") ? "x86_64" : arch.equals("arm64") ? "aarch64" : arch);
    }

    boolean isLinux() {
        return os.equals("linux");
    }

    /** The classifier of the native jar, such as {@code linux-x86_64}. */
    String classifier() {
        return os + "-" + arch;
    }
}
