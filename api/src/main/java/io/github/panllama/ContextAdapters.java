package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a context applies beside its model. It keeps the adapters alive for as long as it refers to them. */
final class ContextAdapters {
    private final LlamaModel model;
    private final Handle handle;
    private final Set<LoraAdapter> adapters = new HashSet<>();

    ContextAdapters(LlamaModel model, Handle context) {
        this.model = model;
        this.handle = context;
    }

    void setLora(Map<LoraAdapter, Float> scales) {
        Map<LoraAdapter, Float> wanted = new LinkedHashMap<>(scales);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, wanted.size()));
            MemorySegment factors = arena.allocate(JAVA_FLOAT, Math.max(1, wanted.size()));
            int i = 0;
            for (Map.Entry<LoraAdapter, Float> entry : wanted.entrySet()) {
                if (entry.getKey().model() != model) {
                    throw new IllegalArgumentException("The adapter was loaded for another model");
                }
                pointers.setAtIndex(ADDRESS, i, entry.getKey().handle().pointer());
                factors.setAtIndex(JAVA_FLOAT, i++, Check.finite("scale", entry.getValue()));
            }
            // The context refers to its adapters until they are replaced, so it keeps them alive until then.
            wanted.keySet().stream().filter(adapters::add).forEach(adapter -> handle.keep(adapter.handle()));
            Natives.check(
                    LlamaC.panllama_lora_set(handle.pointer(), pointers, factors, wanted.size()),
                    "Setting the adapters");
            adapters.stream()
                    .filter(adapter -> !wanted.containsKey(adapter))
                    .forEach(adapter -> handle.release(adapter.handle()));
            adapters.retainAll(wanted.keySet());
        }
    }

    void setControlVector(@Nullable ControlVector vector) {
        int width = model.figures().hiddenSize();
        try (Arena arena = Arena.ofConfined()) {
            int status;
            if (vector == null) {
                status = LlamaC.panllama_control_vector_set(handle.pointer(), MemorySegment.NULL, 0, width, 0, 0);
            } else {
                vector.check(width, model.figures().layers());
                MemorySegment data = arena.allocateFrom(JAVA_FLOAT, vector.data());
                status = LlamaC.panllama_control_vector_set(
                        handle.pointer(), data, vector.data().length, width, vector.firstLayer(), vector.lastLayer());
            }
            Natives.check(status, "Setting the control vector");
        }
    }
}
