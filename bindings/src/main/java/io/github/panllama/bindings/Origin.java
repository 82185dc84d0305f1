package io.github.panllama.bindings;

/** Where a native library was found. */
public enum Origin {
    /** The folder that the system property {@code panllama.library.path} names. */
    SYSTEM_PROPERTY("-D" + NativeLocator.LIBRARY_PATH_PROPERTY),
    /** The folder that the environment variable {@code PANLLAMA_LIBRARY_PATH} names. */
    ENVIRONMENT(NativeLocator.LIBRARY_PATH_VARIABLE),
    /** A native jar, unpacked into the cache folder. */
    CACHE("native jar, unpacked");

    private final String text;

    Origin(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
