package io.github.panllama.bindings;

import java.util.List;

/** The native jars that this JVM has on its paths. */
public final class NativeJars {
    private static final String FILES = "META-INF/panllama/";

    private NativeJars() {}

    /**
     * The jars and folders, on class path and module path, that have libraries for this machine's platform, plugins
     * included. Nothing is unpacked or loaded.
     *
     * @return their roots as URLs, such as {@code jar:file:/some/where.jar!/}; those of libraries that lie in a folder
     *     which the user names are not among them
     * @throws NativeLoadException if one cannot be read
     */
    public static List<String> roots() {
        String platform = Platform.current().classifier();
        return NativeLocator.packages(NativeLocator.loaders()).stream()
                .filter(found -> found.index().platform().equals(platform))
                .map(found -> found.base().substring(0, found.base().lastIndexOf(FILES)))
                .distinct()
                .toList();
    }
}
