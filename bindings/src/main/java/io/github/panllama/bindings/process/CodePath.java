package io.github.panllama.bindings.process;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a child JVM finds the classes that this one runs: on the module path, on the class path, or in the runtime image
 * itself, as here. Only what is asked for is passed on, not everything that an application has on its path.
 */
public final class CodePath {
    /** The system property that names the class path of child JVMs where it cannot be told. */
    public static final String PROPERTY = "panllama.worker.path";

    private static final String ALL_UNNAMED = "ALL-UNNAMED";

    private final List<String> options;

    private CodePath(List<String> options) {
        this.options = List.copyOf(options);
    }

    /** {@return options for {@code java}, up to the name of the main class; the class's own name is the last} */
    public List<String> options() {
        return options;
    }

    /**
     * The path on which {@code main} runs as it would here.
     *
     * @param main the main class
     * @param libraries one class of every other module that it needs
     * @param resources roots of jars and folders that only hold files, as URLs: {@code file:…} or {@code jar:file:…!/}
     * @param more further entries of the class path. With any, the child uses the class path even where this JVM uses
     *     modules
     * @param nativeAccess one class of the module that may call native code
     * @throws IOException if the classes are in a place that the class path cannot name, such as a jar within a jar
     */
    public static CodePath of(
            Class<?> main, List<Class<?>> libraries, List<String> resources, List<Path> more, Class<?> nativeAccess)
            throws IOException {
        Module module = main.getModule();
        if (module.isNamed() && module.getLayer() != null && more.isEmpty()) {
            return ofModule(main, resources, nativeAccess.getModule().getName());
        }
        String named = System.getProperty(PROPERTY, "");
        Set<String> entries = new LinkedHashSet<>();
        more.forEach(entry -> entries.add(entry.toString()));
        if (named.isBlank()) {
            entries.add(entryOf(main));
            for (Class<?> library : libraries) {
                entries.add(entryOf(library));
            }
            for (String resource : resources) {
                entries.add(entry(resource));
            }
        } else {
            entries.add(named);
        }
        return new CodePath(List.of(
                "--enable-native-access=" + ALL_UNNAMED,
                "-cp",
                String.join(File.pathSeparator, entries),
                main.getName()));
    }

    private static CodePath ofModule(Class<?> main, List<String> resources, String nativeAccess) throws IOException {
        ModuleLayer layer = Objects.requireNonNull(main.getModule().getLayer());
        Set<ResolvedModule> modules = new LinkedHashSet<>();
        addWithReads(
                modules,
                layer.configuration().findModule(main.getModule().getName()).orElseThrow());
        Set<String> classPath = new LinkedHashSet<>();
        for (String resource : resources) {
            Optional<ResolvedModule> holder = layer.configuration().modules().stream()
                    .filter(it -> isAt(it.reference(), resource))
                    .findFirst();
            if (holder.isPresent()) {
                modules.add(holder.get());
            } else {
                classPath.add(entry(resource));
            }
        }
        List<String> options = new ArrayList<>();
        options.add("--enable-native-access=" + nativeAccess);
        String modulePath = modules.stream()
                .map(module -> module.reference().location().orElseThrow())
                .filter(location -> !location.getScheme().equals("jrt"))
                .map(location -> Path.of(location).toString())
                .collect(Collectors.joining(File.pathSeparator));
        if (!modulePath.isEmpty()) {
            options.addAll(List.of("-p", modulePath));
        }
        if (!classPath.isEmpty()) {
            options.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
        }
        options.addAll(List.of("--add-modules", names(modules)));
        options.addAll(List.of("-m", main.getModule().getName() + "/" + main.getName()));
        return new CodePath(options);
    }

    private static void addWithReads(Set<ResolvedModule> modules, ResolvedModule module) {
        boolean ofJava = module.reference().descriptor().name().startsWith("java.")
                || module.reference().descriptor().name().startsWith("jdk.");
        if (!ofJava && modules.add(module)) {
            module.reads().forEach(read -> addWithReads(modules, read));
        }
    }

    private static String names(Collection<ResolvedModule> modules) {
        return modules.stream().map(ResolvedModule::name).collect(Collectors.joining(","));
    }

    /** Whether a module lies where a root is. */
    static boolean isAt(ModuleReference module, String root) {
        String location = module.location().map(URI::toString).orElse("");
        String jar = root.startsWith("jar:") && root.endsWith("!/")
                ? root.substring("jar:".length(), root.length() - "!/".length())
                : root;
        return withoutSlash(location).equals(withoutSlash(jar));
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private static String entryOf(Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        String url = Objects.requireNonNull(type.getResource("/" + name), name).toString();
        return entry(url.substring(0, url.length() - name.length()));
    }

    /** The entry of a class path for a root. */
    static String entry(String root) throws IOException {
        String url = root.startsWith("jar:file:") && root.endsWith("!/")
                ? root.substring("jar:".length(), root.length() - "!/".length())
                : root;
        if (!url.startsWith("file:") || url.contains("!/")) {
            throw new IOException(
                    ("another JVM cannot be started from %s: its class path can name files and folders only. Name, with"
                                    + " -D%s, a class path that holds panllama's jars")
                            .formatted(root, PROPERTY));
        }
        return Path.of(URI.create(url)).toString();
    }
}
