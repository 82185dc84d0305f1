package io.github.panllama.internal;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;

/**
 * The memory that this process may use: of the machine, or of the container that it is in.
 *
 * @param total bytes that there are, or that the container may have, whichever is less
 * @param available bytes that can be had now without swapping; pages of files that nobody has changed count as such
 * @param swap bytes that can be swapped out beside these
 */
public record SystemMemory(long total, long available, long swap) {
    /** As it is now; takes some 100 microseconds. */
    public static SystemMemory now() {
        return read(Path.of("/"));
    }

    /**
     * As the files below a folder say.
     *
     * @param root the folder that has {@code proc} and {@code sys}; elsewhere than on Linux the system is asked instead
     */
    static SystemMemory read(Path root) {
        Map<String, Long> machine = KernelFiles.table(root.resolve("proc/meminfo"));
        Long total = machine.get("MemTotal");
        Long available = machine.get("MemAvailable");
        if (total == null || available == null) {
            return ofSystem();
        }
        SystemMemory memory = new SystemMemory(total, available, machine.getOrDefault("SwapFree", 0L));
        for (MemoryGroup group : MemoryGroup.ofProcess(root)) {
            memory = memory.within(group);
        }
        return memory;
    }

    private static SystemMemory ofSystem() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system)) {
            return new SystemMemory(Long.MAX_VALUE, Long.MAX_VALUE, 0);
        }
        long total = system.getTotalMemorySize();
        // macOS counts as free what nothing was ever read into. All else it gives back on demand.
        boolean knowsFree = System.getProperty("os.name", "").startsWith("Windows");
        return new SystemMemory(
                total, knowsFree ? system.getFreeMemorySize() : total, knowsFree ? system.getFreeSwapSpaceSize() : 0);
    }

    private SystemMemory within(MemoryGroup group) {
        long left = Math.max(0, group.limit() - group.used());
        return new SystemMemory(
                Math.min(total, group.limit()), Math.min(available, left), Math.min(swap, group.swapLeft()));
    }
}
