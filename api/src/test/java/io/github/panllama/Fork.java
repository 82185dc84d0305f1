package io.github.panllama;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.panllama.bindings.NativeRuntime;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM of its own, on the class path, with the native library that this one loaded. */
final class Fork {
    private Fork() {}

    /**
     * Runs a main class of these tests to its end.
     *
     * @return what it printed
     * @throws AssertionError if it did not end with 0
     */
    static String run(Class<?> main, List<String> options, String... arguments)
            throws IOException, InterruptedException {
        return run(main, options, Map.of(), arguments);
    }

    /** Runs it with an environment that has these variables beside this process's own. */
    static String run(Class<?> main, List<String> options, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add(
                "-Dpanllama.library.path=" + Llama.libraries().getFirst().path().getParent());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(main), main.getName()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("panllama-fork", ".txt");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            int code = builder.start().waitFor();
            String text = Files.readString(output, UTF_8);
            if (code != 0) {
                throw new AssertionError(main.getSimpleName() + " ended with " + code + ":\n" + text);
            }
            return text;
        } finally {
            Files.delete(output);
        }
    }

    private static String classPath(Class<?> main) {
        return Stream.of(main, LlamaModel.class, NativeRuntime.class)
                .map(Fork::root)
                .distinct()
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Where a class and the rest of its module come from: a folder, or {@code jar:…!/}. */
    static URL rootUrl(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        String url = type.getResource("/" + name).toString();
        try {
            return URI.create(url.substring(0, url.length() - name.length())).toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    /** The folder or jar of a class. On the module path, tests are a patch of a module: then only the URL tells. */
    private static Path root(Class<?> type) {
        String url = rootUrl(type).toString();
        if (url.startsWith("jar:")) {
            url = url.substring("jar:".length(), url.length() - "!/".length());
        }
        return Path.of(URI.create(url));
    }
}
