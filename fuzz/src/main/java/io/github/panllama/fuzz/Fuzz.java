package io.github.panllama.fuzz;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Jazzer calls. Started by itself, it lists the targets, or writes a target's seeds into a folder. */
public final class Fuzz {
    private static @Nullable FuzzTarget target;

    private Fuzz() {}

    /**
     * Called once.
     *
     * @param arguments the name of the target
     */
    public static void fuzzerInitialize(String[] arguments) {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("There must be the name of one target");
        }
        target = Targets.of(arguments[0]);
    }

    /** Called with every input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (target == null) {
            throw new IllegalStateException("There is no target yet");
        }
        target.run(input);
    }

    /**
     * Without arguments, prints the names of the targets.
     *
     * @param arguments a target and a folder: its seeds are written there
     */
    public static void main(String... arguments) throws Exception {
        if (arguments.length == 2) {
            writeSeeds(Targets.of(arguments[0]), Path.of(arguments[1]));
        } else {
            Targets.names().forEach(System.out::println);
        }
    }

    static void writeSeeds(FuzzTarget target, Path folder) throws Exception {
        Files.createDirectories(folder);
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve("seed-" + i), seeds.get(i));
        }
    }
}
