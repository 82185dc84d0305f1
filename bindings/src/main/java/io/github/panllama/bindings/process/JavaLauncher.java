package io.github.panllama.bindings.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The {@code java} program that starts child JVMs. */
public final class JavaLauncher {
    /** The system property that names another one. */
    public static final String PROPERTY = "panllama.worker.java";

    private JavaLauncher() {}

    /**
     * Finds it: the one of {@code -Dpanllama.worker.java}, else that of this JVM's own runtime.
     *
     * @return an existing file, absolute
     * @throws IOException if there is none; some runtimes made by jlink or jpackage have no launcher
     */
    public static Path find() throws IOException {
        return find(System.getProperty(PROPERTY), Path.of(System.getProperty("java.home")));
    }

    static Path find(@Nullable String named, Path home) throws IOException {
        if (named != null && !named.isBlank()) {
            Path path = Path.of(named).toAbsolutePath();
            if (!Files.isExecutable(path)) {
                throw new IOException("-D%s=%s is not a program that can be run; it has to name the java launcher"
                        .formatted(PROPERTY, named));
            }
            return path;
        }
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        Path path = home.resolve("bin").resolve(windows ? "java.exe" : "java").toAbsolutePath();
        if (!Files.isExecutable(path)) {
            throw new IOException(
                    ("the Java runtime in %s has no launcher bin/java, so no other JVM can be started with it: leave out"
                                    + " --strip-native-commands of jlink and jpackage, or name a launcher of Java %d with"
                                    + " -D%s")
                            .formatted(home, Runtime.version().feature(), PROPERTY));
        }
        return path;
    }
}
