package io.github.panllama.gpu;

/**
 * A card's memory at a moment, in bytes. ({@code nvmlDeviceGetMemoryInfo_v2})
 *
 * @param total what the card has
 * @param used what programs have taken, those of others included; where {@code reserved} is 0, maybe the driver too
 * @param free what can be taken
 * @param reserved what the driver keeps for itself; 0 where it does not tell this apart
 */
public record GpuMemory(long total, long used, long free, long reserved) {
    /** Refuses negative sizes. */
    public GpuMemory {
        checkSize("total", total);
        checkSize("used", used);
        checkSize("free", free);
        checkSize("reserved", reserved);
    }

    private static void checkSize(String what, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("%s is %d bytes, must not be negative".formatted(what, bytes));
        }
    }
}
