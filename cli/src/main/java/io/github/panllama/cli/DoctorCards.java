package io.github.panllama.cli;

import io.github.panllama.gpu.GpuMonitor;
import io.github.panllama.gpu.GpuMonitorException;
import io.github.panllama.gpu.GpuSample;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's cards as their driver shows them, whether or not llama.cpp uses them.
 *
 * @param driver the version of the driver
 * @param cuda the newest CUDA that it runs
 * @param samples one of each card
 * @param reason why there is none
 */
record DoctorCards(
        @Nullable String driver,
        @Nullable String cuda,
        List<GpuSample> samples,
        @Nullable String reason) {
    static DoctorCards look() {
        try (GpuMonitor monitor = GpuMonitor.open()) {
            return new DoctorCards(
                    monitor.driverVersion().orElse(null), monitor.cudaVersion().orElse(null), monitor.sample(), null);
        } catch (GpuMonitorException e) {
            return new DoctorCards(null, null, List.of(), e.getMessage());
        }
    }

    /** In a line. */
    String summary() {
        return reason != null
                ? "no card: " + reason
                : "driver %s, which runs CUDA up to %s".formatted(known(driver), known(cuda));
    }

    /** A line for each card. */
    List<String> lines() {
        return samples.stream().map(DoctorCards::line).toList();
    }

    private static String line(GpuSample sample) {
        String head = "%d  %s, compute capability %s, at %s"
                .formatted(
                        sample.card().index(),
                        sample.card().name(),
                        sample.card().computeCapability().orElse("unknown"),
                        sample.card().pciAddress());
        return sample.fault()
                .map(fault -> head + ": does not answer: " + fault)
                .orElseGet(() -> "%s: %s, %s °C, %s of %s W"
                        .formatted(
                                head,
                                sample.memory()
                                        .map(memory -> "%s free of %s"
                                                .formatted(
                                                        Quantity.bytes(memory.free()), Quantity.bytes(memory.total())))
                                        .orElse("unknown memory"),
                                sample.temperature().isPresent()
                                        ? sample.temperature().getAsInt()
                                        : "?",
                                watts(sample.watts()),
                                watts(sample.powerLimit())));
    }

    private static String watts(OptionalDouble watts) {
        return watts.isPresent() ? String.format(Locale.ROOT, "%.0f", watts.getAsDouble()) : "?";
    }

    private static String known(@Nullable String text) {
        return text == null ? "unknown" : text;
    }

    /** The object that {@code doctor --json} prints. */
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("driver", driver);
        object.put("cuda", cuda);
        object.put("reason", reason);
        object.put("cards", samples.stream().map(DoctorCards::json).toList());
        return object;
    }

    private static Map<String, @Nullable Object> json(GpuSample sample) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("index", sample.card().index());
        object.put("name", sample.card().name());
        object.put("uuid", sample.card().uuid());
        object.put("pci_address", sample.card().pciAddress());
        object.put("compute_capability", sample.card().computeCapability().orElse(null));
        object.put("memory_total", sample.memory().map(memory -> memory.total()).orElse(null));
        object.put("memory_free", sample.memory().map(memory -> memory.free()).orElse(null));
        object.put("temperature_celsius", number(sample.temperature()));
        object.put("watts", number(sample.watts()));
        object.put("power_limit_watts", number(sample.powerLimit()));
        object.put("fault", sample.fault().orElse(null));
        return object;
    }

    private static @Nullable Integer number(OptionalInt number) {
        return number.isPresent() ? number.getAsInt() : null;
    }

    private static @Nullable Double number(OptionalDouble number) {
        return number.isPresent() ? number.getAsDouble() : null;
    }
}
