package io.github.panllama;

import io.github.panllama.internal.SystemMemory;

/**
 * What is left free, so that the rest of the process, other processes and a GPU's driver have something too: little where
 * it is a question of refusing, more where it is one of choosing.
 */
final class MemoryMargin {
    private static final long MIB = 1L << 20;
    /** Of a GPU's memory, for buffers that backends take when they compute first. */
    private static final long GPU = 1024 * MIB;

    private static final long GPU_PART = 8;
    private static final long HOST_PART = 8;
    private static final long LEAST = 64 * MIB;
    private static final long LEAST_PART = 64;

    private MemoryMargin() {}

    /** Whether a plan fits comfortably, weights that are mapped included. */
    static boolean isComfortable(MemoryPlan plan) {
        return plan.devices().stream().allMatch(MemoryMargin::isComfortable);
    }

    /** Whether what is taken of a device leaves the margin. */
    static boolean isComfortable(MemoryUse use) {
        long margin = use.isHost() ? use.free() / HOST_PART : Math.min(GPU, use.free() / GPU_PART);
        return use.total() <= use.free() - margin;
    }

    /** Whether so much of the system's memory can be had at all, swapping included. */
    static boolean canBeHad(long bytes, SystemMemory memory) {
        long margin = Math.min(LEAST, memory.total() / LEAST_PART);
        return bytes <= memory.available() - margin || bytes - (memory.available() - margin) <= memory.swap();
    }
}
