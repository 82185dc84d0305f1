package io.github.panllama;

import io.github.panllama.bindings.QuantizeUpcall;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the messages of a dry run which type C gives to each tensor. They are the only place where it says so, and
 * the words are those of the pinned release: a tensor that they do not tell of is a fault.
 */
final class QuantizationLog implements QuantizeUpcall.Listener {
    /** Begins the message of a tensor: {@code [ 3/35] blk.0.attn_k.weight  - [256, 128, 1, 1], type = f32, }. */
    private static final Pattern TENSOR =
            Pattern.compile("\\[ *\\d+/ *\\d+\\] (.*?) *- \\[[ \\d,]+\\], type = .*", Pattern.DOTALL);

    /** Ends it, where the tensor is converted: {@code size = 0.13 MiB -> 0.04 MiB (q4_0)}. */
    private static final Pattern CONVERTED = Pattern.compile("size = .* -> .*\\((\\w+)\\)\\s*");

    private static final Pattern KEPT = Pattern.compile("size = [ \\d.]+ MiB\\s*");

    /** {@code warning: blk.0.ffn_down.weight - ncols 160 not divisible by 256 (required for type q4_K) }. */
    private static final Pattern MISFIT =
            Pattern.compile("warning: (.*?) *- ncols .*\\(required for type +(\\w+)\\) *", Pattern.DOTALL);

    private static final Map<String, GgmlType> TYPES = new HashMap<>();

    static {
        for (GgmlType type : GgmlType.values()) {
            TYPES.put(type.ggmlName(), type);
        }
    }

    private final Map<String, GgufTensor> tensors;
    private final Map<String, GgmlType> misfits = new HashMap<>();
    private final List<QuantizedTensor> planned = new ArrayList<>();
    private @Nullable GgufTensor current;

    QuantizationLog(Map<String, GgufTensor> tensors) {
        this.tensors = tensors;
    }

    /** Whether a message begins that of a tensor. */
    static boolean beginsTensor(String message) {
        return message.startsWith("[") && TENSOR.matcher(message).matches();
    }

    @Override
    public boolean onMessage(String message) {
        Matcher tensor = TENSOR.matcher(message);
        Matcher misfit = MISFIT.matcher(message);
        Matcher converted = CONVERTED.matcher(message);
        if (tensor.matches()) {
            current = tensors.get(tensor.group(1));
        } else if (misfit.matches()) {
            misfits.put(misfit.group(1), type(misfit.group(2)));
        } else if (converted.matches()) {
            end(type(converted.group(1)));
        } else if (current != null && KEPT.matcher(message).matches()) {
            end(current.type());
        }
        return true;
    }

    private void end(GgmlType to) {
        GgufTensor tensor = current;
        if (tensor != null) {
            planned.add(new QuantizedTensor(
                    tensor.name(),
                    tensor.shape(),
                    tensor.type(),
                    to,
                    tensor.byteSize(),
                    to.byteSize(tensor.elements()),
                    Optional.ofNullable(misfits.get(tensor.name()))));
            current = null;
        }
    }

    /** Every tensor, in C's order. */
    List<QuantizedTensor> planned() {
        if (planned.size() != tensors.size()) {
            throw new LlamaException("llama.cpp told of %d tensors of %d; this is a fault in panllama"
                    .formatted(planned.size(), tensors.size()));
        }
        return planned;
    }

    private static GgmlType type(String name) {
        GgmlType type = TYPES.get(name);
        if (type == null) {
            throw new LlamaException("llama.cpp named the unknown type " + name + "; this is a fault in panllama");
        }
        return type;
    }
}
