package io.github.panllama.bindings;

import java.nio.file.Path;

/**
 * A native library in this process.
 *
 * @param name its file name
 * @param path where it was loaded from
 * @param origin how that place was found
 */
public record LoadedLibrary(String name, Path path, Origin origin) {}
