package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.ggml_backend_dev_caps;
import io.github.panllama.bindings.gen.ggml_backend_dev_props;
import io.github.panllama.bindings.gen.ggml_backend_feature;
import io.github.panllama.bindings.gen.llama_batch;
import io.github.panllama.bindings.gen.llama_context_params;
import io.github.panllama.bindings.gen.llama_logit_bias;
import io.github.panllama.bindings.gen.llama_model_imatrix_data;
import io.github.panllama.bindings.gen.llama_model_kv_override;
import io.github.panllama.bindings.gen.llama_model_params;
import io.github.panllama.bindings.gen.llama_model_quantize_params;
import io.github.panllama.bindings.gen.llama_model_tensor_buft_override;
import io.github.panllama.bindings.gen.llama_model_tensor_override;
import io.github.panllama.bindings.gen.llama_perf_context_data;
import io.github.panllama.bindings.gen.llama_perf_sampler_data;
import io.github.panllama.bindings.gen.llama_sampler_chain_params;
import io.github.panllama.bindings.gen.llama_sampler_seq_config;
import io.github.panllama.bindings.gen.panllama_abi_entry;
import io.github.panllama.bindings.gen.panllama_memory_kind;
import java.lang.foreign.Arena;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Proves that the loaded libraries are the ones that the bindings were generated from: same release, and every struct
 * laid out the same on both sides. A field that moved would otherwise be a number read from the wrong place, or a crash.
 */
final class AbiProof {
    /** Every struct that crosses the boundary. The shim has the same list. */
    static final List<GroupLayout> LAYOUTS = List.of(
            llama_batch.layout(),
            llama_model_kv_override.layout(),
            llama_model_tensor_buft_override.layout(),
            llama_model_params.layout(),
            llama_context_params.layout(),
            llama_sampler_chain_params.layout(),
            llama_sampler_seq_config.layout(),
            llama_logit_bias.layout(),
            llama_perf_context_data.layout(),
            llama_perf_sampler_data.layout(),
            llama_model_quantize_params.layout(),
            llama_model_tensor_override.layout(),
            llama_model_imatrix_data.layout(),
            ggml_backend_dev_caps.layout(),
            ggml_backend_dev_props.layout(),
            ggml_backend_feature.layout(),
            panllama_memory_kind.layout(),
            panllama_abi_entry.layout());

    private static final int SHOWN_DIFFERENCES = 5;

    private AbiProof() {}

    /**
     * Checks the libraries in this process.
     *
     * @throws NativeLoadException naming what differs, with both sides' numbers
     */
    static void check() {
        String builtFor = Objects.requireNonNullElse(Pointers.string(LlamaC.panllama_built_for()), "");
        String version = Objects.requireNonNullElse(Pointers.string(LlamaC.llama_version()), "");
        checkVersions(builtFor, version);
        checkTable(differences(nativeTable(), javaTable(LAYOUTS)));
    }

    static void checkVersions(String builtFor, String version) {
        if (!builtFor.equals(Pin.RELEASE)) {
            throw new NativeLoadException("the panllama library was built for llama.cpp %s, these bindings for %s"
                    .formatted(builtFor, Pin.RELEASE));
        }
        // "0.5.0-dev" is what the release 0.5.0 calls itself.
        if (!version.equals(Pin.RELEASE) && !version.startsWith(Pin.RELEASE + "-")) {
            throw new NativeLoadException("the llama library is llama.cpp %s, these bindings were generated from %s"
                    .formatted(version, Pin.RELEASE));
        }
    }

    static void checkTable(List<String> differences) {
        if (!differences.isEmpty()) {
            List<String> shown = differences.subList(0, Math.min(SHOWN_DIFFERENCES, differences.size()));
            String more =
                    shown.size() < differences.size() ? "; and " + (differences.size() - shown.size()) + " more" : "";
            throw new NativeLoadException(
                    "the native structs are not those of llama.cpp %s that these bindings were".formatted(Pin.RELEASE)
                            + " generated from: " + String.join("; ", shown) + more);
        }
    }

    /** Every line that is not the same on both sides, in words. */
    static List<String> differences(Map<String, Long> nativeTable, Map<String, Long> javaTable) {
        List<String> differences = new ArrayList<>();
        javaTable.forEach((name, java) -> {
            Long found = nativeTable.get(name);
            if (!java.equals(found)) {
                differences.add(describe(name, found == null ? "not there" : found.toString(), java.toString()));
            }
        });
        nativeTable.forEach((name, found) -> {
            if (!javaTable.containsKey(name)) {
                differences.add(describe(name, found.toString(), "not there"));
            }
        });
        return differences;
    }

    private static String describe(String name, String found, String expected) {
        int dot = name.indexOf('.');
        return dot < 0
                ? "size of struct %s: native %s, bindings %s".formatted(name, found, expected)
                : "offset of %s in struct %s: native %s, bindings %s"
                        .formatted(name.substring(dot + 1), name.substring(0, dot), found, expected);
    }

    static Map<String, Long> javaTable(List<GroupLayout> layouts) {
        Map<String, Long> table = new LinkedHashMap<>();
        for (GroupLayout layout : layouts) {
            String name = layout.name().orElseThrow();
            table.put(name, layout.byteSize());
            addFields(table, name, layout, 0);
        }
        return table;
    }

    private static void addFields(Map<String, Long> table, String struct, GroupLayout layout, long base) {
        List<MemoryLayout> members = layout.memberLayouts();
        for (int i = 0; i < members.size(); i++) {
            MemoryLayout member = members.get(i);
            long offset = base + layout.byteOffset(PathElement.groupElement(i));
            String name = member.name().orElse("");
            if (name.startsWith("$anon") && member instanceof GroupLayout union) {
                addFields(table, struct, union, offset); // C names the members of an anonymous union as if its own
            } else if (!name.isEmpty()) {
                table.put(struct + "." + name, offset);
            }
        }
    }

    private static Map<String, Long> nativeTable() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment first = LlamaC.panllama_abi_table(count);
            long size = panllama_abi_entry.sizeof();
            long n = count.get(ValueLayout.JAVA_LONG, 0);
            MemorySegment entries = Pointers.view(first, n * size);
            Map<String, Long> table = new LinkedHashMap<>();
            for (long i = 0; i < n; i++) {
                MemorySegment entry = entries.asSlice(i * size, size);
                String name = Objects.requireNonNull(Pointers.string(panllama_abi_entry.name(entry)));
                table.put(name, panllama_abi_entry.value(entry));
            }
            return table;
        }
    }
}
