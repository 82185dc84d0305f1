package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A library with the functions of NVML and the figures of two cards that are made up, for machines without a driver, as
 * those of CI are. Compiled by {@code cc} from {@code nvml_stand_in.c}; what it counts and answers is shared with it.
 * That the real one agrees is for the tests tagged {@code gpu}.
 */
public final class NvmlStandIn {
    private static final int STATES = 9;

    private final Path library;
    private final MemorySegment states;

    /** What the library counts, and what a test sets. */
    enum State {
        INITS(0),
        SHUTDOWNS(1),
        LATE_CALLS(2),
        LOST(3),
        POWER(4),
        ENERGY(5),
        DELAY(6),
        PROCESSES(7),
        OWN_PID(8);

        private final int index;

        State(int index) {
            this.index = index;
        }
    }

    private NvmlStandIn(Path library, MemorySegment states) {
        this.library = library;
        this.states = states;
    }

    /**
     * Compiles one.
     *
     * @param folder for its files
     * @param defines such as {@code OLD_DRIVER} or {@code INIT_CODE=9}
     */
    static NvmlStandIn compile(Path folder, String... defines) throws IOException, InterruptedException {
        Path state = Files.createTempFile(folder, "state", ".bin");
        try (FileChannel channel = FileChannel.open(state, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment states = channel.map(
                    FileChannel.MapMode.READ_WRITE, 0, STATES * ValueLayout.JAVA_LONG.byteSize(), Arena.ofAuto());
            List<String> all = new ArrayList<>(List.of(defines));
            all.add("STATE=\"" + state + "\"");
            NvmlStandIn standIn = new NvmlStandIn(library(folder, all), states);
            standIn.set(State.POWER, 350_250);
            standIn.set(State.ENERGY, 123_456_789_012L);
            return standIn;
        }
    }

    /** Compiles one that shares nothing. */
    public static Path library(Path folder, List<String> defines) throws IOException, InterruptedException {
        Path sources = Path.of(System.getProperty("panllama.test.sources")).toAbsolutePath();
        Path headers = sources.resolve("../../../../bindings/jextract").normalize();
        Path library = Files.createTempFile(folder, "libnvidia-ml", ".so");
        Path messages = folder.resolve("cc.txt");
        List<String> command = new ArrayList<>(List.of("cc", "-std=c11", "-D_DEFAULT_SOURCE", "-O1"));
        command.addAll(List.of("-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I" + headers));
        defines.forEach(define -> command.add("-D" + define));
        command.addAll(List.of(
                "-o", library.toString(), sources.resolve("nvml_stand_in.c").toString()));
        int code = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start()
                .waitFor();
        assertThat(code).as(Files.readString(messages)).isZero();
        return library;
    }

    Path library() {
        return library;
    }

    GpuMonitor open() {
        return GpuMonitor.open(library);
    }

    long get(State state) {
        return states.getAtIndex(ValueLayout.JAVA_LONG, state.index);
    }

    void set(State state, long value) {
        states.setAtIndex(ValueLayout.JAVA_LONG, state.index, value);
    }
}
