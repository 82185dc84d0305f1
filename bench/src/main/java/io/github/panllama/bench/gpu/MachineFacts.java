package io.github.panllama.bench.gpu;

import io.github.panllama.Device;
import io.github.panllama.DeviceType;
import io.github.panllama.Llama;
import io.github.panllama.cli.Version;
import io.github.panllama.gpu.GpuCard;
import io.github.panllama.gpu.GpuMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is. Found out in a process of its own: whoever asks a card takes some of its memory, and may be ended by
 * its driver.
 */
final class MachineFacts {
    private static final String UNKNOWN = "unknown";
    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private MachineFacts() {}

    /**
     * The facts of this machine.
     *
     * @param onCpu whether models are on the CPU
     * @param names of the GPUs that are used, in order; none for all
     * @param measure whether the speed of the host's memory is measured
     * @throws IllegalArgumentException if there is no GPU of a name
     */
    static Map<String, @Nullable Object> of(boolean onCpu, List<String> names, boolean measure) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("panllama", System.getProperty("panllama.build", Version.current()));
        facts.put("llama_cpp", Llama.release());
        facts.put("java", System.getProperty("java.vm.version"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("processor", line(PROCESSORS, "model name"));
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("cpu_variant", Llama.cpuVariant().orElse(UNKNOWN));
        List<Device> gpus = onCpu ? List.of() : gpus(names);
        facts.put(
                "devices",
                gpus.stream()
                        .map(gpu -> "%s: %s, %d MiB".formatted(gpu.name(), gpu.description(), gpu.totalMemory() >> 20))
                        .toList());
        facts.put("device_names", gpus.stream().map(Device::name).toList());
        facts.put("cards", gpus.stream().map(Device::description).toList());
        if (!gpus.isEmpty()) {
            addDriver(facts, gpus);
        }
        facts.put(
                "libraries",
                Llama.libraries().stream()
                        .map(library -> String.valueOf(library.path()))
                        .toList());
        facts.put("library_folders", folders());
        facts.put("most_sequences", Llama.maxSequences());
        if (measure && gpus.isEmpty()) {
            facts.put("host_bytes_per_second", MemorySpeed.measureHost());
        }
        return facts;
    }

    /** As llama.cpp chooses them: integrated GPUs where there are no others. */
    private static List<Device> gpus(List<String> names) {
        List<Device> all = Device.requireGpu();
        List<Device> cards =
                all.stream().filter(gpu -> gpu.type() == DeviceType.GPU).toList();
        if (names.isEmpty()) {
            return cards.isEmpty() ? all : cards;
        }
        return names.stream().map(name -> named(name, all)).toList();
    }

    static Device named(String name, List<Device> gpus) {
        return gpus.stream()
                .filter(gpu -> gpu.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--devices has %s, must be of %s"
                        .formatted(name, gpus.stream().map(Device::name).toList())));
    }

    private static void addDriver(Map<String, @Nullable Object> facts, List<Device> gpus) {
        String driver = line(DRIVER, "NVRM version");
        String cuda = UNKNOWN;
        List<String> capabilities = List.of();
        try (GpuMonitor monitor = GpuMonitor.openIfPresent().orElse(null)) {
            if (monitor != null) {
                driver = monitor.driverVersion().orElse(driver);
                cuda = monitor.cudaVersion().orElse(UNKNOWN);
                capabilities = gpus.stream()
                        .map(gpu -> monitor.card(gpu)
                                .flatMap(GpuCard::computeCapability)
                                .orElse(UNKNOWN))
                        .toList();
            }
        }
        facts.put("driver", driver);
        facts.put("cuda_of_the_driver", cuda);
        facts.put("compute_capabilities", capabilities);
    }

    private static List<String> folders() {
        return Llama.libraries().stream()
                .map(library -> library.path().getParent())
                .filter(Objects::nonNull)
                .map(Path::toString)
                .distinct()
                .toList();
    }

    /** What stands behind the colon of the first line that begins so. */
    private static String line(Path file, String begin) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(begin))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}
