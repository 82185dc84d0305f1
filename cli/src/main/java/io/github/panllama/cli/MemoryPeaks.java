package io.github.panllama.cli;

import io.github.panllama.Device;
import io.github.panllama.DeviceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The most memory that this process takes: of the host as Linux counts it, of devices as they are looked at. */
public final class MemoryPeaks {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String PEAK = "VmHWM:";
    /** What resets the peak alone; see proc(5). */
    private static final String RESET_PEAK = "5";

    private static final int KIB = 1024;

    private final List<Device> devices;
    private final Map<String, Long> freeBefore = new LinkedHashMap<>();
    private final Map<String, Long> peaks = new LinkedHashMap<>();

    /** Begins before the model is loaded: what is free then is what there is to take. */
    public MemoryPeaks() {
        devices = Device.all().stream()
                .filter(device -> device.type() == DeviceType.GPU)
                .toList();
        devices.forEach(device -> freeBefore.put(device.name(), device.freeMemory()));
    }

    /** Begins anew with what is taken now. */
    public void reset() {
        peaks.clear();
        look();
        try {
            Files.writeString(CLEAR, RESET_PEAK);
        } catch (IOException e) {
            // Then the peak is that of the process so far.
        }
    }

    /** Looks at the devices. llama.cpp takes their memory when a context is made, and when it computes first. */
    public void look() {
        for (Device device : devices) {
            long before = freeBefore.getOrDefault(device.name(), 0L);
            peaks.merge(device.name(), Math.max(0, before - device.freeMemory()), Math::max);
        }
    }

    /** Bytes of each device, by its name. */
    public Map<String, Long> devices() {
        return new LinkedHashMap<>(peaks);
    }

    /** Resident bytes of the process. */
    public static OptionalLong host() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(PEAK))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(number -> Long.parseLong(number) * KIB)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
