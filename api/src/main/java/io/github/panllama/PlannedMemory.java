package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.panllama_memory_kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What a native context and its model hold, by kinds of memory, or would hold.
 *
 * @param kinds as llama.cpp counts
 * @param cells bytes that are kept of tokens beside the KV cache
 * @param scratch bytes that the CPU takes beside the buffers to compute in
 */
record PlannedMemory(List<Kind> kinds, long cells, long scratch) {
    /** Enough for the buffer types of all devices. */
    private static final int MOST_KINDS = 256;
    /** What is kept of each token beside its keys and values: position, shift, place, the set of its sequences. */
    static final long BYTES_PER_CELL = 48;

    /**
     * One kind of memory.
     *
     * @param device the address of the device; 0 for the host
     * @param mapped weights that stay in the file
     */
    record Kind(long device, long weights, long mapped, long cache, long compute) {}

    /**
     * Asks a context of a model without memory.
     *
     * @param mapped whether the model is going to be memory-mapped
     * @param available bytes of the host's memory; where the rest takes more, what the CPU takes beside it is 0
     */
    static PlannedMemory of(MemorySegment context, boolean mapped, int threads, long available, Arena arena) {
        List<Kind> kinds = kinds(context, mapped, arena);
        boolean remembers = kinds.stream().anyMatch(kind -> kind.cache > 0);
        long cells = remembers ? BYTES_PER_CELL * LlamaC.llama_n_ctx(context) : 0;
        PlannedMemory buffers = new PlannedMemory(kinds, cells, 0);
        if (buffers.ofHost(0, available).needed() > available) {
            return buffers;
        }
        // This lays the buffers out anew, in memory that is never touched.
        MemorySegment scratch = arena.allocate(JAVA_LONG);
        Natives.check(
                LlamaC.panllama_memory_scratch(context, threads, scratch), "Planning what the CPU takes to compute");
        return new PlannedMemory(kinds, cells, scratch.get(JAVA_LONG, 0));
    }

    /** What llama.cpp counts of any context. */
    static List<Kind> kinds(MemorySegment context, boolean mapped, Arena arena) {
        MemorySegment out = panllama_memory_kind.allocateArray(MOST_KINDS, arena);
        MemorySegment count = arena.allocate(JAVA_LONG);
        Natives.check(LlamaC.panllama_memory_use(context, out, MOST_KINDS, count), "Counting the memory of a context");
        List<Kind> kinds = new ArrayList<>();
        for (long i = 0; i < count.get(JAVA_LONG, 0); i++) {
            MemorySegment kind = panllama_memory_kind.asSlice(out, i);
            long weights = panllama_memory_kind.model(kind);
            kinds.add(new Kind(
                    panllama_memory_kind.device(kind).address(),
                    weights,
                    mapped && panllama_memory_kind.mappable(kind) ? weights : 0,
                    panllama_memory_kind.context(kind),
                    panllama_memory_kind.compute(kind)));
        }
        return kinds;
    }

    /** Bytes of caches and states, of all devices. */
    long cache() {
        return kinds.stream().mapToLong(Kind::cache).sum();
    }

    /** As if each of so many sequences had all this: more than they have, as far as that is for computing. */
    PlannedMemory times(int sequences) {
        List<Kind> many = kinds.stream()
                .map(kind -> new Kind(
                        kind.device, kind.weights, kind.mapped, kind.cache * sequences, kind.compute * sequences))
                .toList();
        return new PlannedMemory(many, cells * sequences, scratch * sequences);
    }

    MemoryUse of(Device device) {
        return use(device.pointer().address(), device.name(), 0, 0, 0, device.freeMemory());
    }

    /**
     * What is spread over several devices, as far as it is on one of them; buffers to compute in are on each.
     *
     * @param share the device's part of the tensors
     */
    MemoryUse partOf(Device device, double share) {
        long weights = 0;
        long cache = 0;
        long compute = 0;
        for (Kind kind : kinds) {
            if (kind.device != 0) {
                weights += Math.round(kind.weights * share);
                cache += Math.round(kind.cache * share);
                compute += kind.compute;
            }
        }
        return new MemoryUse(device.name(), weights, 0, cache, compute, 0, device.freeMemory());
    }

    MemoryUse ofHost(long output, long free) {
        return use(0, MemoryUse.HOST, cells, scratch, output, free);
    }

    private MemoryUse use(long device, String name, long cells, long scratch, long output, long free) {
        long weights = 0;
        long mapped = 0;
        long cache = cells;
        long compute = scratch;
        for (Kind kind : kinds) {
            if (kind.device == device) {
                weights += kind.weights;
                mapped += kind.mapped;
                cache += kind.cache;
                compute += kind.compute;
            }
        }
        return new MemoryUse(name, weights, mapped, cache, compute, output, free);
    }
}
