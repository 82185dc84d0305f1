package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the two matrices of each pair in an adapter fit each other and the tensor that they change, where llama.cpp does
 * not compare them before it computes: it would write beyond its memory, or end the process.
 */
final class LoraPairs {
    private static final String FIRST = ".lora_a";
    private static final String SECOND = ".lora_b";

    /** Whose first matrix has a row for each token. */
    private static final String EMBEDDING = "token_embd.weight";

    private final ModelFiles base;
    private final Map<String, GgufTensor> firsts = new LinkedHashMap<>();
    private final Map<String, GgufTensor> seconds = new LinkedHashMap<>();

    private LoraPairs(ModelFiles base) {
        this.base = base;
    }

    /** What is wrong with a pair; empty where nothing is that llama.cpp does not tell by itself. */
    static Optional<String> check(GgufFile adapter, ModelFiles base) {
        return new LoraPairs(base).check(adapter.tensors());
    }

    private Optional<String> check(List<GgufTensor> tensors) {
        for (GgufTensor tensor : tensors) {
            Optional<String> problem = add(tensor);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return firsts.keySet().stream()
                .filter(name -> name.endsWith(EMBEDDING))
                .flatMap(name -> embedding(name).stream())
                .findFirst();
    }

    private Optional<String> add(GgufTensor tensor) {
        String suffix = tensor.name().endsWith(FIRST) ? FIRST : SECOND;
        if (!tensor.name().endsWith(suffix)) {
            return Optional.empty();
        }
        String name = tensor.name().replace(suffix, "");
        if ((suffix.equals(FIRST) ? firsts : seconds).putIfAbsent(name, tensor) != null) {
            return Optional.of("it has two tensors %s%s".formatted(name, suffix));
        }
        Optional<GgufTensor> changed = base.tensor(name);
        if (changed.isPresent()
                && (length(tensor, 2) != length(changed.get(), 2) || length(tensor, 3) != length(changed.get(), 3))) {
            return Optional.of(
                    "the tensor %s has the shape %s, must have as many matrices as %s of the model, whose shape is %s"
                            .formatted(
                                    tensor.name(),
                                    tensor.shape(),
                                    name,
                                    changed.get().shape()));
        }
        return changed.isPresent() && isScaled(changed.get())
                ? Optional.of("it changes %s, whose type is nvfp4 with a scale of its own: llama.cpp cannot add to that"
                        .formatted(name))
                : Optional.empty();
    }

    private boolean isScaled(GgufTensor tensor) {
        return tensor.type() == GgmlType.NVFP4
                && tensor.name().contains(".ffn_")
                && base.hasTensor(tensor.name().replaceFirst("weight$", "scale"));
    }

    private Optional<String> embedding(String name) {
        GgufTensor first = firsts.get(name);
        GgufTensor second = seconds.get(name);
        if (first == null || second == null) {
            return Optional.empty();
        }
        if (length(first, 0) != length(second, 0)) {
            return Optional.of("the ranks of the pair for %s are %d and %d, must be the same"
                    .formatted(name, length(first, 0), length(second, 0)));
        }
        return name.equals(EMBEDDING) && !base.hasTensor("output.weight")
                ? Optional.of("it changes %s, which is the output of the model as well: that would need another pair"
                        .formatted(name))
                : Optional.empty();
    }

    private static long length(GgufTensor tensor, int dimension) {
        return dimension < tensor.shape().size() ? tensor.shape().get(dimension) : 1;
    }
}
