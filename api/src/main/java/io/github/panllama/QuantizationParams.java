package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_model_imatrix_data;
import io.github.panllama.bindings.gen.llama_model_kv_override;
import io.github.panllama.bindings.gen.llama_model_quantize_params;
import io.github.panllama.bindings.gen.llama_model_tensor_override;
import io.github.panllama.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes {@link QuantizationOptions} into a {@code llama_model_quantize_params}. All it points to lives in the arena. */
final class QuantizationParams {
    /** What C aligns tensor data to, whatever the file says that it copies from. */
    private static final int ALIGNMENT = 32;

    private QuantizationParams() {}

    static MemorySegment of(
            QuantizationSource source,
            QuantizationOptions options,
            @Nullable ImportanceMatrix importance,
            Arena arena) {
        MemorySegment params = LlamaC.llama_model_quantize_default_params(arena);
        llama_model_quantize_params.ftype(params, options.type.code);
        if (options.threads != null) {
            llama_model_quantize_params.nthread(params, options.threads);
        }
        if (options.bufferBytes != null) {
            llama_model_quantize_params.max_buf_size(params, options.bufferBytes);
        }
        if (options.outputTensorType != null) {
            llama_model_quantize_params.output_tensor_type(params, options.outputTensorType.id());
        }
        if (options.tokenEmbeddingType != null) {
            llama_model_quantize_params.token_embedding_type(params, options.tokenEmbeddingType.id());
        }
        llama_model_quantize_params.quantize_output_tensor(params, !options.leaveOutputTensor);
        llama_model_quantize_params.pure(params, options.pure);
        // Checked before, tensor by tensor: C names the type alone.
        llama_model_quantize_params.allow_requantize(params, options.allowRequantize);
        llama_model_quantize_params.keep_split(
                params, options.keepSplit && source.files().size() > 1);
        if (importance != null) {
            llama_model_quantize_params.imatrix(params, importance(importance, arena));
        }
        rules(source, options, params, arena);
        alignment(source, params, arena);
        return params;
    }

    /** The list ends with an entry without a name. */
    private static MemorySegment importance(ImportanceMatrix importance, Arena arena) {
        Map<String, MemorySegment> entries = importance.entries();
        MemorySegment list = llama_model_imatrix_data.allocateArray(entries.size() + 1L, arena);
        int i = 0;
        for (Map.Entry<String, MemorySegment> each : entries.entrySet()) {
            MemorySegment entry = llama_model_imatrix_data.asSlice(list, i++);
            llama_model_imatrix_data.name(entry, arena.allocateFrom(each.getKey()));
            llama_model_imatrix_data.data(entry, each.getValue());
            llama_model_imatrix_data.size(entry, each.getValue().byteSize() / JAVA_FLOAT.byteSize());
        }
        return list;
    }

    /** Which tensors the rules find, with the type of the first rule that does. */
    static Map<String, GgmlType> matches(QuantizationSource source, QuantizationOptions options) {
        Map<String, GgmlType> matches = new LinkedHashMap<>();
        for (String name : source.tensors().keySet()) {
            options.rules.stream()
                    .filter(rule -> rule.finds(name))
                    .findFirst()
                    .ifPresent(rule -> matches.put(name, rule.type()));
        }
        return matches;
    }

    private static void rules(
            QuantizationSource source, QuantizationOptions options, MemorySegment params, Arena arena) {
        Map<String, GgmlType> matches = matches(source, options);
        if (matches.isEmpty()) {
            return;
        }
        MemorySegment list = llama_model_tensor_override.allocateArray(matches.size() + 1L, arena);
        int i = 0;
        for (Map.Entry<String, GgmlType> match : matches.entrySet()) {
            MemorySegment entry = llama_model_tensor_override.asSlice(list, i++);
            llama_model_tensor_override.pattern(entry, arena.allocateFrom(exactly(match.getKey())));
            llama_model_tensor_override.type(entry, match.getValue().id());
        }
        llama_model_quantize_params.tt_overrides(params, list);
    }

    /** A pattern, in C's dialect, that finds this name and no other. */
    private static String exactly(String name) {
        StringBuilder pattern = new StringBuilder("^");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ("^$\\.*+?()[]{}|".indexOf(c) >= 0) {
                pattern.append('\\');
            }
            pattern.append(c);
        }
        return pattern.append('$').toString();
    }

    /** C keeps what the file says of its alignment, and pads to its own: the result would be no valid file. */
    private static void alignment(QuantizationSource source, MemorySegment params, Arena arena) {
        if (source.files().getFirst().alignment() == ALIGNMENT) {
            return;
        }
        MemorySegment list = llama_model_kv_override.allocateArray(2, arena);
        MemorySegment entry = llama_model_kv_override.asSlice(list, 0);
        llama_model_kv_override.key(entry).setString(0, "general.alignment");
        llama_model_kv_override.tag(entry, LlamaC.LLAMA_KV_OVERRIDE_TYPE_INT());
        llama_model_kv_override.val_i64(entry, ALIGNMENT);
        llama_model_quantize_params.kv_overrides(params, list);
    }
}
