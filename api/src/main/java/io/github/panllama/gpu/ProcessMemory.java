package io.github.panllama.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.NvmlLibrary;
import io.github.panllama.bindings.gen.nvml.NvmlC;
import io.github.panllama.bindings.gen.nvml.nvmlProcessInfo_t;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What this process has taken of a card's memory, as the driver lists it among the others. */
final class ProcessMemory {
    private static final int ROOM = 64;
    private static final int TRIES = 3;
    private static final long UNKNOWN = -1;
    /** The number by which Linux names the outermost space of process numbers. */
    private static final String OUTERMOST = "pid:[4026531836]";

    /** Whether the driver knows this process by the number that Java tells. */
    private static final boolean SAME_NUMBER = sameNumber();

    private ProcessMemory() {}

    /** Empty where the driver does not tell, or knows this process by a number that cannot be known here. */
    static OptionalLong read(NvmlLibrary library, MemorySegment device, Arena arena) {
        return SAME_NUMBER
                ? read(library, device, arena, ProcessHandle.current().pid())
                : OptionalLong.empty();
    }

    static OptionalLong read(NvmlLibrary library, MemorySegment device, Arena arena, long pid) {
        MemorySegment count = arena.allocate(JAVA_INT);
        int room = ROOM;
        for (int i = 0; i < TRIES; i++) {
            MemorySegment processes = nvmlProcessInfo_t.allocateArray(room, arena);
            count.set(JAVA_INT, 0, room);
            int code = library.deviceProcesses(device, count, processes);
            if (code == NvmlC.NVML_SUCCESS()) {
                return sum(processes, Math.min(room, count.get(JAVA_INT, 0)), pid);
            }
            if (code != NvmlC.NVML_ERROR_INSUFFICIENT_SIZE()) {
                break;
            }
            room = count.get(JAVA_INT, 0) + ROOM; // others may start meanwhile
        }
        return OptionalLong.empty();
    }

    /** A process has an entry for each part of a divided card. */
    private static OptionalLong sum(MemorySegment processes, int count, long pid) {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            MemorySegment process = nvmlProcessInfo_t.asSlice(processes, i);
            if (Integer.toUnsignedLong(nvmlProcessInfo_t.pid(process)) == pid) {
                long used = nvmlProcessInfo_t.usedGpuMemory(process);
                if (used == UNKNOWN) {
                    return OptionalLong.empty();
                }
                bytes += used;
            }
        }
        return OptionalLong.of(bytes);
    }

    private static boolean sameNumber() {
        Path space = Path.of("/proc/self/ns/pid");
        try {
            return !Files.exists(space)
                    || Files.readSymbolicLink(space).toString().equals(OUTERMOST);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
