package io.github.panllama.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;

/**
 * Libraries packed in a jar.
 *
 * @param base the URL of the folder in the jar, with a slash at its end
 */
record NativePackage(NativeIndex index, String base) {
    /** Opens one of its files. */
    InputStream open(String name) throws IOException {
        return NativeCache.open(URI.create(base + name).toURL());
    }
}
