package io.github.panllama.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.NvmlLibrary;
import io.github.panllama.bindings.gen.nvml.NvmlC;
import io.github.panllama.bindings.gen.nvml.nvmlMemory_t;
import io.github.panllama.bindings.gen.nvml.nvmlMemory_v2_t;
import io.github.panllama.bindings.gen.nvml.nvmlUtilization_t;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Asks one card, once. What it does not tell, for whatever reason, is empty; one that does not answer at all any more is
 * not asked further.
 */
final class CardReader {
    /** What {@code nvmlDeviceGetMemoryInfo_v2} wants to be told of its struct: its size, and its version. */
    static final int MEMORY_VERSION = (int) nvmlMemory_v2_t.sizeof() | (2 << 24);

    private static final double THOUSAND = 1e3;

    private final NvmlLibrary library;
    private final MemorySegment device;
    private final Arena arena;
    private final MemorySegment value;
    private int lost;

    /** A query of NVML that leaves a number. */
    private interface Query {
        int into(MemorySegment value);
    }

    private CardReader(NvmlLibrary library, MemorySegment device, Arena arena) {
        this.library = library;
        this.device = device;
        this.arena = arena;
        this.value = arena.allocate(JAVA_LONG);
    }

    static GpuSample read(NvmlLibrary library, GpuCard card, MemorySegment device) {
        try (Arena arena = Arena.ofConfined()) {
            return new CardReader(library, device, arena).read(card);
        }
    }

    private GpuSample read(GpuCard card) {
        long nanoTime = System.nanoTime();
        Instant time = Instant.now();
        OptionalDouble joules = thousandths(whole(energy -> library.deviceEnergy(device, energy)));
        OptionalDouble watts = thousandths(half(power -> library.devicePower(device, power)));
        OptionalDouble powerLimit = thousandths(half(limit -> library.devicePowerLimit(device, limit)));
        Optional<GpuMemory> memory = memory();
        OptionalLong processMemory = lost == 0 ? ProcessMemory.read(library, device, arena) : OptionalLong.empty();
        MemorySegment utilization = arena.allocate(nvmlUtilization_t.layout());
        boolean utilized = asked(ignored -> library.deviceUtilization(device, utilization));
        OptionalInt temperature =
                integer(half(degrees -> library.deviceTemperature(device, NvmlC.NVML_TEMPERATURE_GPU(), degrees)));
        OptionalInt smClock = integer(half(clock -> library.deviceClock(device, NvmlC.NVML_CLOCK_SM(), clock)));
        OptionalInt memoryClock = integer(half(clock -> library.deviceClock(device, NvmlC.NVML_CLOCK_MEM(), clock)));
        OptionalLong reasons = whole(bits -> library.deviceClockReasons(device, bits));
        return new GpuSample(
                card,
                time,
                nanoTime,
                memory,
                processMemory,
                utilized ? OptionalInt.of(nvmlUtilization_t.gpu(utilization)) : OptionalInt.empty(),
                utilized ? OptionalInt.of(nvmlUtilization_t.memory(utilization)) : OptionalInt.empty(),
                watts,
                joules,
                powerLimit,
                temperature,
                smClock,
                memoryClock,
                reasons.isPresent() ? ThrottleReason.of(reasons.getAsLong()) : Set.of(),
                lost == 0 ? Optional.empty() : Optional.of(NvmlCode.describe(library, lost)));
    }

    private Optional<GpuMemory> memory() {
        MemorySegment now = arena.allocate(nvmlMemory_v2_t.layout());
        nvmlMemory_v2_t.version(now, MEMORY_VERSION);
        if (asked(ignored -> library.deviceMemoryV2(device, now))) {
            return Optional.of(new GpuMemory(
                    nvmlMemory_v2_t.total(now),
                    nvmlMemory_v2_t.used(now),
                    nvmlMemory_v2_t.free(now),
                    nvmlMemory_v2_t.reserved(now)));
        }
        MemorySegment old = arena.allocate(nvmlMemory_t.layout());
        if (asked(ignored -> library.deviceMemory(device, old))) {
            return Optional.of(
                    new GpuMemory(nvmlMemory_t.total(old), nvmlMemory_t.used(old), nvmlMemory_t.free(old), 0));
        }
        return Optional.empty();
    }

    private boolean asked(Query query) {
        if (lost != 0) {
            return false;
        }
        int code = query.into(value);
        if (code == NvmlC.NVML_ERROR_GPU_IS_LOST() || code == NvmlC.NVML_ERROR_RESET_REQUIRED()) {
            lost = code;
        }
        return code == NvmlC.NVML_SUCCESS();
    }

    /** An {@code unsigned int}. */
    private OptionalLong half(Query query) {
        return asked(query) ? OptionalLong.of(Integer.toUnsignedLong(value.get(JAVA_INT, 0))) : OptionalLong.empty();
    }

    /** An {@code unsigned long long}. */
    private OptionalLong whole(Query query) {
        return asked(query) ? OptionalLong.of(value.get(JAVA_LONG, 0)) : OptionalLong.empty();
    }

    private static OptionalInt integer(OptionalLong number) {
        return number.isPresent() ? OptionalInt.of((int) number.getAsLong()) : OptionalInt.empty();
    }

    private static OptionalDouble thousandths(OptionalLong number) {
        return number.isPresent() ? OptionalDouble.of(number.getAsLong() / THOUSAND) : OptionalDouble.empty();
    }
}
