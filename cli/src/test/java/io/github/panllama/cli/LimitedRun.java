package io.github.panllama.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the command in another JVM, which may write no file beyond a size. */
final class LimitedRun {
    private LimitedRun() {}

    /** {@code kibibytes} may be {@code unlimited}. Output goes to {@code out} and {@code err} in the folder, which is the working folder too. */
    static Process start(Path folder, String kibibytes, String... arguments) throws IOException {
        return start(folder, kibibytes, List.of(), arguments);
    }

    /** With options for the JVM. */
    static Process start(Path folder, String kibibytes, List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", "ulimit -f \"$0\" && exec \"$@\"", kibibytes));
        command.addAll(java(options));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    /** The command line of the command, up to its arguments. */
    static List<String> java(List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED"));
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("panllama."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), Main.class.getName()));
        return command;
    }

    private static String classPath() {
        List<String> path = new ArrayList<>();
        for (String property : List.of("java.class.path", "jdk.module.path", "surefire.test.class.path")) {
            path.add(System.getProperty(property, ""));
        }
        path.removeIf(String::isEmpty);
        return String.join(File.pathSeparator, path);
    }
}
