package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.process.ProcessControl;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * What a probe runs: loads a plugin, and asks each of its devices for its memory, which wakes the driver. It ends with 0
 * if it comes to an end, also where the plugin declines: why is found again by who loads it then.
 */
final class PluginProbeMain {
    private PluginProbeMain() {}

    /**
     * The program.
     *
     * @param arguments the folder of the core libraries, and the plugin's file
     */
    public static void main(String[] arguments) {
        Thread.ofPlatform().daemon().start(PluginProbeMain::endWithParent);
        NativeRuntime.loadCore(NativeFolder.open(Path.of(arguments[0]), Origin.SYSTEM_PROPERTY));
        Path file = Path.of(arguments[1]);
        boolean cuda = ("ggml-" + Backends.CUDA).equals(NativeFile.stem(String.valueOf(file.getFileName())));
        if (!cuda || !Platform.current().isLinux() || CudaRuntime.open() == null) {
            load(file);
        }
        ProcessControl.exit(0); // without the destructors of a driver
    }

    private static void load(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            if (LlamaC.panllama_backend_load(arena.allocateFrom(file.toString()), out) != LlamaC.PANLLAMA_OK()) {
                return;
            }
            MemorySegment registration = out.get(ValueLayout.ADDRESS, 0);
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            long devices = LlamaC.ggml_backend_reg_dev_count(registration);
            for (long i = 0; i < devices; i++) {
                LlamaC.ggml_backend_dev_memory(LlamaC.ggml_backend_reg_dev_get(registration, i), free, total);
            }
        }
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
