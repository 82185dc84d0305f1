package io.github.panllama.cli;

import io.github.panllama.Device;
import io.github.panllama.Llama;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.engine.EngineTuning;
import io.github.panllama.engine.LlamaEngine;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code doctor} found.
 *
 * @param machine what is known without llama.cpp
 * @param cards what NVIDIA's driver shows
 * @param natives what llama.cpp says of itself; null if it cannot be loaded
 * @param failure why it cannot be loaded
 */
record DoctorReport(
        Machine machine,
        DoctorCards cards,
        @Nullable Natives natives,
        @Nullable LlamaException failure) {
    /** What Java says of itself and of the system. */
    record Machine(
            String javaVersion,
            String javaVendor,
            String javaHome,
            String osName,
            String osVersion,
            String osArchitecture,
            int processors) {
        static Machine current() {
            return new Machine(
                    property("java.version"),
                    property("java.vendor"),
                    property("java.home"),
                    property("os.name"),
                    property("os.version"),
                    property("os.arch"),
                    Runtime.getRuntime().availableProcessors());
        }

        private static String property(String name) {
            return String.valueOf(System.getProperty(name));
        }
    }

    /** What is known once the native library is loaded. */
    record Natives(
            String release,
            String version,
            String platform,
            @Nullable String cpuVariant,
            String systemInfo,
            List<Llama.NativeLibrary> libraries,
            List<DeviceMemory> devices,
            List<Llama.Unavailable> unavailable,
            @Nullable EngineTuning tuning) {}

    /** A device, and its memory at one moment, in bytes. */
    record DeviceMemory(Device device, long free, long total) {}

    /**
     * A report.
     *
     * @param model what an engine's tuning is told for; null for none
     */
    static DoctorReport make(@Nullable Path model) {
        Machine machine = Machine.current();
        DoctorCards cards = DoctorCards.look();
        try {
            Llama.initialize();
        } catch (LlamaException e) {
            return new DoctorReport(machine, cards, null, e);
        }
        return new DoctorReport(machine, cards, askNatives(model), null);
    }

    private static Natives askNatives(@Nullable Path model) {
        return new Natives(
                Llama.release(),
                Llama.version(),
                Llama.platform(),
                Llama.cpuVariant().orElse(null),
                Llama.systemInfo(),
                Llama.libraries(),
                Device.all().stream()
                        .map(device -> new DeviceMemory(device, device.freeMemory(), device.totalMemory()))
                        .toList(),
                Llama.unavailable(),
                model == null ? null : tuning(model));
    }

    private static EngineTuning tuning(Path file) {
        try (LlamaModel model = LlamaModel.load(file);
                LlamaEngine engine = LlamaEngine.start(model)) {
            return engine.stats().tuning();
        }
    }
}
