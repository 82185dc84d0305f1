package io.github.panllama.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the native libraries: a folder that the user names, else the native jars. The first place that is set counts. */
final class NativeLocator {
    static final String LIBRARY_PATH_PROPERTY = "panllama.library.path";
    static final String LIBRARY_PATH_VARIABLE = "PANLLAMA_LIBRARY_PATH";

    /** Names the indexes in its jar, one a line. */
    static final String INDEX_LIST = "META-INF/panllama/natives.index";

    private NativeLocator() {}

    /**
     * A plugin that is there to be loaded.
     *
     * @param name its device, such as {@code cuda}
     * @param file gives its library, which may have to be unpacked first
     */
    record Plugin(String name, Origin origin, Supplier<Path> file) {}

    /** What was found. */
    record Located(NativeFolder core, List<Plugin> plugins) {}

    /**
     * Finds the libraries of this machine's platform.
     *
     * @throws NativeLoadException if there are none, or if those found are damaged or of another release
     */
    static Located locate() {
        String property = System.getProperty(LIBRARY_PATH_PROPERTY, "");
        if (!property.isBlank()) {
            return ofFolder(NativeFolder.open(Path.of(property).toAbsolutePath(), Origin.SYSTEM_PROPERTY));
        }
        String variable = Objects.requireNonNullElse(System.getenv(LIBRARY_PATH_VARIABLE), "");
        if (!variable.isBlank()) {
            return ofFolder(NativeFolder.open(Path.of(variable).toAbsolutePath(), Origin.ENVIRONMENT));
        }
        return ofPackages(packages(loaders()), Platform.current(), new NativeCache(CacheFolder.ofUser()));
    }

    private static Located ofFolder(NativeFolder folder) {
        List<Plugin> plugins = folder.files(NativeFile.Role.PLUGIN).stream()
                .map(file -> new Plugin(file.plugin(), folder.origin(), () -> folder.resolve(file)))
                .toList();
        return new Located(folder, plugins);
    }

    static Located ofPackages(List<NativePackage> packages, Platform platform, NativeCache cache) {
        List<NativePackage> fitting = packages.stream()
                .filter(found -> found.index().platform().equals(platform.classifier()))
                .toList();
        NativePackage core = fitting.stream()
                .filter(found -> found.index().isCore())
                .findFirst()
                .orElseThrow(() -> new NativeLoadException(nothingFound(packages, platform)));
        requireRelease(core);
        List<Plugin> plugins = fitting.stream()
                .filter(found -> !found.index().isCore())
                .map(found -> new Plugin(found.index().plugin(), Origin.CACHE, () -> pluginFile(found, cache)))
                .toList();
        return new Located(cache.unpack(core), plugins);
    }

    private static Path pluginFile(NativePackage found, NativeCache cache) {
        requireRelease(found);
        NativeFolder folder = cache.unpack(found);
        return folder.files(NativeFile.Role.PLUGIN).stream()
                .findFirst()
                .map(folder::resolve)
                .orElseThrow(() -> new NativeLoadException(found.base() + " names no plugin library"));
    }

    private static void requireRelease(NativePackage found) {
        if (!found.index().release().equals(Pin.RELEASE)) {
            throw new NativeLoadException(
                    "%s holds llama.cpp %s, these bindings need %s: use one version of all panllama jars"
                            .formatted(found.base(), found.index().release(), Pin.RELEASE));
        }
    }

    private static String nothingFound(List<NativePackage> packages, Platform platform) {
        String others = packages.stream()
                .map(found -> found.index().platform() + (found.index().isCore() ? "" : " (plugin)"))
                .distinct()
                .collect(Collectors.joining(", "));
        return """
                no native libraries for %1$s. Looked at: -D%2$s (not set), %3$s in the environment (not set), native \
                jars on class path and module path (%4$s). Add the dependency \
                io.github.panllama:panllama-native with classifier %1$s; on the module path also --add-modules \
                ALL-MODULE-PATH, because no module requires that jar""".formatted(
                        platform.classifier(),
                        LIBRARY_PATH_PROPERTY,
                        LIBRARY_PATH_VARIABLE,
                        others.isEmpty() ? "none found" : "found only " + others);
    }

    static List<ClassLoader> loaders() {
        return Stream.of(
                        NativeLocator.class.getClassLoader(),
                        Thread.currentThread().getContextClassLoader())
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** The packages in all jars that these loaders see. */
    static List<NativePackage> packages(List<ClassLoader> loaders) {
        Map<String, NativePackage> byBase = new LinkedHashMap<>();
        for (ClassLoader loader : loaders) {
            try {
                for (URL list : loader.resources(INDEX_LIST).toList()) {
                    for (String indexUrl : indexUrls(list)) {
                        String base = indexUrl.substring(0, indexUrl.lastIndexOf('/') + 1);
                        byBase.putIfAbsent(base, new NativePackage(NativeIndex.parse(read(indexUrl), indexUrl), base));
                    }
                }
            } catch (IOException e) {
                throw new NativeLoadException("cannot read a native jar", e);
            }
        }
        return List.copyOf(byBase.values());
    }

    private static List<String> indexUrls(URL list) throws IOException {
        String root = list.toString().substring(0, list.toString().length() - INDEX_LIST.length());
        List<String> urls = new ArrayList<>();
        for (String line : new String(read(list.toString()), StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                urls.add(root + line.strip());
            }
        }
        return urls;
    }

    private static byte[] read(String url) throws IOException {
        try (InputStream in = NativeCache.open(URI.create(url).toURL())) {
            return in.readAllBytes();
        }
    }
}
