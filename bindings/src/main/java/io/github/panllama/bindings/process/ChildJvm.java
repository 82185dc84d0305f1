package io.github.panllama.bindings.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own, to be started. It has panllama's system properties and a small part of the environment, leaves nothing
 * in the folder for temporary files, writes no core, and prints on one stream.
 *
 * @param launcher the {@code java} program
 * @param heapBytes the most that its Java heap takes
 * @param crashFile where the JVM reports a crash
 * @param jvmOptions further options, which come last and so win
 * @param code where its classes are
 * @param arguments of its main method; others can see them
 */
public record ChildJvm(
        Path launcher, long heapBytes, Path crashFile, List<String> jvmOptions, CodePath code, List<String> arguments) {
    private static final List<String> ALWAYS = List.of(
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8");

    /** Copies its lists. */
    public ChildJvm {
        jvmOptions = List.copyOf(jvmOptions);
        arguments = List.copyOf(arguments);
    }

    /** {@return the whole command} */
    public List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.add("-Xmx" + heapBytes);
        command.add("-XX:ErrorFile=" + crashFile);
        command.addAll(ALWAYS);
        System.getProperties().stringPropertyNames().stream()
                .filter(ChildJvm::isInherited)
                .sorted()
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(jvmOptions);
        command.addAll(code.options());
        command.addAll(arguments);
        return command;
    }

    private static boolean isInherited(String property) {
        return property.startsWith("panllama.")
                || property.equals("java.io.tmpdir")
                || property.equals("java.util.logging.config.file")
                || property.equals("user.home");
    }

    /** {@return what starts it: standard error goes where standard output goes} */
    public ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(command()).redirectErrorStream(true);
        ChildEnvironment.restrict(builder.environment());
        return builder;
    }

    /**
     * Starts it.
     *
     * @return the process; its standard input and output are pipes
     * @throws IOException if it cannot be started
     */
    public Process start() throws IOException {
        return builder().start();
    }
}
