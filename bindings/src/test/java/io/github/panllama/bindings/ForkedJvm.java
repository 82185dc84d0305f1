package io.github.panllama.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for what can be tried only once in a process, or ends it. */
final class ForkedJvm {
    private static final int SECONDS = 120;

    private final List<String> options = new ArrayList<>();
    private final List<Path> classPath = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    /** How it ended, and what it printed on both streams. */
    record Result(int exit, String output) {}

    ForkedJvm() {
        classPath.add(placeOf(NativeRuntime.class));
        classPath.add(placeOf(ForkedJvm.class));
    }

    private static Path placeOf(Class<?> type) {
        // A module's location is its classes; the tests that patch it have a resource of their own.
        String resource = type.getName().replace('.', '/') + ".class";
        String url = type.getClassLoader().getResource(resource).toString();
        return Path.of(java.net.URI.create(url.substring(0, url.length() - resource.length())));
    }

    ForkedJvm option(String option) {
        options.add(option);
        return this;
    }

    ForkedJvm classPath(Path entry) {
        classPath.add(entry);
        return this;
    }

    ForkedJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Process start(Class<?> main, Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        command.add(String.join(
                System.getProperty("path.separator"),
                classPath.stream().map(Path::toString).toList()));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    Result run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("forked", ".txt");
        try {
            return finish(start(main, output, arguments), output);
        } finally {
            Files.delete(output);
        }
    }

    static Result finish(Process process, Path output) throws IOException, InterruptedException {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("still running after " + SECONDS + " s: " + Files.readString(output));
        }
        return new Result(process.exitValue(), Files.readString(output));
    }

    /** Loads the libraries, and says how that went. */
    static final class LoadMain {
        private LoadMain() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) {
            try {
                System.out.println("loaded from "
                        + NativeRuntime.get().libraries().getFirst().path());
            } catch (NativeLoadException e) {
                System.out.println("refused: " + e.getMessage());
                try {
                    NativeRuntime.get();
                } catch (NativeLoadException again) {
                    System.out.println("again: " + again.getMessage());
                }
            }
        }
    }
}
