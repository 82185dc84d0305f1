package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.process.ProcessControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a probe runs: loads a plugin, asks each of its devices for its memory, and has each compute. A driver may take all
 * but the last: what the plugin has no machine code for is compiled only when it is to run.
 */
final class PluginProbeMain {
    /** It came to an end, also where the plugin declines: why is found again by who loads it then. */
    static final int FINE = 0;
    /** As {@link #FINE}, but a device has so little memory left that it was not tried. */
    static final int UNTRIED = 3;
    /** The plugin cannot be used, and the note says why. */
    static final int UNFIT = 4;

    /** A context of CUDA, cuBLAS and its workspace. */
    private static final long MEMORY_TO_COMPUTE = 512L << 20;

    private final Path note;
    private int outcome = FINE;

    private PluginProbeMain(Path note) {
        this.note = note;
    }

    /**
     * The program.
     *
     * @param arguments the folder of the core libraries, the plugin's file, and a file for a note: what is being tried, or,
     *     with {@link #UNFIT}, why the plugin cannot be used
     */
    public static void main(String[] arguments) {
        Thread.ofPlatform().daemon().start(PluginProbeMain::endWithParent);
        NativeRuntime.loadCore(NativeFolder.open(Path.of(arguments[0]), Origin.SYSTEM_PROPERTY));
        int outcome = new PluginProbeMain(Path.of(arguments[2])).probe(Path.of(arguments[1]));
        ProcessControl.exit(outcome); // without the destructors of a driver
    }

    private int probe(Path file) {
        boolean cuda = ("ggml-" + Backends.CUDA).equals(NativeFile.stem(String.valueOf(file.getFileName())));
        if (!cuda || !Platform.current().isLinux()) {
            return load(file);
        }
        if (CudaRuntime.open() != null) {
            return FINE;
        }
        String fault = CudaDriver.ask(CudaRuntime.DRIVER)
                .map(driver -> CudaFit.fault(file, driver))
                .orElse(null);
        return fault == null ? load(file) : unfit(fault);
    }

    private int load(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            if (LlamaC.panllama_backend_load(arena.allocateFrom(file.toString()), out) != LlamaC.PANLLAMA_OK()) {
                return FINE;
            }
            MemorySegment registration = out.get(ValueLayout.ADDRESS, 0);
            MemorySegment memory = arena.allocate(ValueLayout.JAVA_LONG, 2);
            long devices = LlamaC.ggml_backend_reg_dev_count(registration);
            for (long i = 0; i < devices && outcome != UNFIT; i++) {
                compute(LlamaC.ggml_backend_reg_dev_get(registration, i), memory);
            }
            return outcome;
        }
    }

    private void compute(MemorySegment device, MemorySegment memory) {
        LlamaC.ggml_backend_dev_memory(device, memory, memory.asSlice(ValueLayout.JAVA_LONG.byteSize()));
        long free = memory.getAtIndex(ValueLayout.JAVA_LONG, 0);
        long total = memory.getAtIndex(ValueLayout.JAVA_LONG, 1);
        if (total > 0 && free < MEMORY_TO_COMPUTE) {
            outcome = UNTRIED;
            return;
        }
        String name = "%s (%s)"
                .formatted(
                        Pointers.string(LlamaC.ggml_backend_dev_name(device)),
                        Pointers.string(LlamaC.ggml_backend_dev_description(device)));
        write(name);
        if (LlamaC.panllama_device_compute(device) != LlamaC.PANLLAMA_OK()) {
            outcome = unfit("the plugin cannot compute on %s: %s".formatted(name, Status.lastError()));
        }
    }

    private int unfit(String reason) {
        write(reason);
        return UNFIT;
    }

    private void write(String text) {
        try {
            Files.writeString(note, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a probe has noted; {@code null} if nothing. */
    static @Nullable String read(Path note) {
        try {
            String text = Files.exists(note) ? Files.readString(note).strip() : "";
            return text.isEmpty() ? null : text;
        } catch (IOException e) {
            return null;
        }
    }

    /** The arguments of {@link #main}. */
    static List<String> arguments(Path core, Path plugin, Path note) {
        return List.of(core.toString(), plugin.toString(), note.toString());
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException e) {
            // As good as its end.
        }
        ProcessControl.exit(1);
    }
}
