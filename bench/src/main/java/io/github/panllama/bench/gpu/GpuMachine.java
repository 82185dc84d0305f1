package io.github.panllama.bench.gpu;

import io.github.panllama.Device;
import io.github.panllama.Llama;
import io.github.panllama.cli.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where, when and with what a benchmark ran.
 *
 * @param facts by their names, in the order in which they are told
 * @param bytesPerSecond that the memory with the models gives at most; empty where it is not known
 * @param gpu whether the models are on one
 */
record GpuMachine(Map<String, Object> facts, OptionalDouble bytesPerSecond, boolean gpu) {
    private static final String UNKNOWN = "unknown";
    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final double GIGA = 1e9;

    /**
     * This machine, now.
     *
     * @param command the command line
     * @param onCpu whether models are on the CPU
     * @param given the speed of the memory in GB/s, by who runs it; {@code null} to look it up, or measure it on the CPU
     */
    static GpuMachine current(List<String> command, boolean onCpu, @Nullable Double given) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("command", String.join(" ", command));
        facts.put("panllama", System.getProperty("panllama.build", Version.current()));
        facts.put("llama_cpp", Llama.release());
        facts.put("java", System.getProperty("java.vm.version"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("processor", line(PROCESSORS, "model name"));
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("cpu_variant", Llama.cpuVariant().orElse(UNKNOWN));
        List<Device> gpus = onCpu ? List.of() : Device.gpus();
        facts.put(
                "devices",
                gpus.stream()
                        .map(gpu -> "%s: %s, %d MiB".formatted(gpu.name(), gpu.description(), gpu.totalMemory() >> 20))
                        .toList());
        if (!gpus.isEmpty()) {
            facts.put("driver", line(DRIVER, "NVRM version"));
        }
        OptionalDouble speed = speed(gpus, given);
        facts.put("memory_gb_per_second", speed.isPresent() ? Math.round(speed.getAsDouble() / GIGA) : UNKNOWN);
        facts.put("memory_speed_is", origin(gpus, given));
        return new GpuMachine(facts, speed, !gpus.isEmpty());
    }

    private static OptionalDouble speed(List<Device> gpus, @Nullable Double given) {
        if (given != null) {
            return OptionalDouble.of(given * GIGA);
        }
        return gpus.isEmpty() ? OptionalDouble.of(MemorySpeed.measureHost()) : MemorySpeed.of(gpus);
    }

    private static String origin(List<Device> gpus, @Nullable Double given) {
        if (given != null) {
            return "given";
        }
        return gpus.isEmpty() ? "measured, by adding up numbers on all processors" : "what the card's maker tells";
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
