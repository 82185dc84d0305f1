package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a plan, and refuses one that C would not carry out, or not as it was asked for. */
final class QuantizationPlanner {
    /** What C refuses without importance, but for the embeddings and the output. */
    private static final Set<GgmlType> NEED_IMPORTANCE = EnumSet.of(
            GgmlType.IQ3_XXS, GgmlType.IQ2_XXS, GgmlType.IQ2_XS, GgmlType.IQ2_S, GgmlType.IQ1_M, GgmlType.IQ1_S);

    /** What C aborts on without importance. */
    private static final Set<GgmlType> ABORT_WITHOUT = EnumSet.of(GgmlType.IQ2_XXS, GgmlType.IQ2_XS, GgmlType.IQ1_S);

    private final QuantizationSource source;
    private final QuantizationOptions options;
    private final @Nullable ImportanceMatrix importance;

    QuantizationPlanner(QuantizationSource source, QuantizationOptions options, @Nullable ImportanceMatrix importance) {
        this.source = source;
        this.options = options;
        this.importance = importance;
    }

    QuantizationPlan plan(QuantizationCall call) {
        source.checkNamedTypes(options);
        source.checkParts(options);
        QuantizationLog log = new QuantizationLog(source.tensors());
        call.plan(log);
        List<QuantizedTensor> tensors = log.planned();
        checkRules(tensors);
        checkRequantizing(tensors);
        if (importance != null) {
            importance.check(source);
        }
        return new QuantizationPlan(
                options.type,
                tensors,
                source.bytes(),
                QuantizedSize.of(source, tensors, options.keepSplit),
                tensors.stream()
                        .filter(this::lacksImportance)
                        .map(QuantizedTensor::name)
                        .toList());
    }

    /** A rule is carried out as it was given, or refused: it does not fall back. */
    private void checkRules(List<QuantizedTensor> tensors) {
        Map<String, GgmlType> wanted = QuantizationParams.matches(source, options);
        for (QuantizedTensor tensor : tensors) {
            GgmlType misfit = tensor.fallbackFrom().orElse(null);
            boolean embedding = QuantizationSource.isEmbedding(tensor.name()) && misfit == options.outputTensorType;
            if (misfit != null && (embedding || misfit == wanted.get(tensor.name()))) {
                throw QuantizationSource.misfit(tensor.name(), tensor.rowLength(), misfit);
            }
        }
        for (TensorTypeRule rule : options.rules) {
            List<QuantizedTensor> found =
                    tensors.stream().filter(tensor -> rule.finds(tensor.name())).toList();
            if (found.isEmpty()) {
                throw new QuantizationException(
                        "The pattern %s finds no tensor; there are %s"
                                .formatted(
                                        rule.pattern(),
                                        examples(List.copyOf(source.tensors().keySet()))),
                        null);
            }
            if (found.stream().noneMatch(tensor -> tensor.to() == wanted.get(tensor.name()))) {
                throw new QuantizationException(
                        "The pattern %s has no effect: what it finds is never quantised, or has a type of its own by"
                                        .formatted(rule.pattern())
                                + " another option: "
                                + examples(found.stream()
                                        .map(QuantizedTensor::name)
                                        .toList()),
                        found.getFirst().name());
            }
        }
    }

    private void checkRequantizing(List<QuantizedTensor> tensors) {
        for (QuantizedTensor tensor : tensors) {
            if (tensor.isConverted() && tensor.from().isQuantized() && !options.allowRequantize) {
                throw new QuantizationException(
                        ("%s is quantised already (%s): quantising it again to %s loses more than quantising the"
                                        + " original; allow it with allowRequantize")
                                .formatted(
                                        tensor.name(),
                                        tensor.from().ggmlName(),
                                        tensor.to().ggmlName()),
                        tensor.name());
            }
        }
    }

    private boolean lacksImportance(QuantizedTensor tensor) {
        boolean named =
                QuantizationSource.isEmbedding(tensor.name()) || tensor.name().equals(QuantizationSource.OUTPUT);
        boolean lowest = tensor.to() == GgmlType.Q2_K && options.type == QuantizationType.Q2_K_S;
        boolean needed = named ? ABORT_WITHOUT.contains(tensor.to()) : lowest || NEED_IMPORTANCE.contains(tensor.to());
        return needed
                && tensor.isConverted()
                && (importance == null
                        || importance.length(tensor.name()) != ImportanceMatrix.lengthFor(tensor.shape()));
    }

    /** A few of many names. */
    static String examples(List<String> names) {
        int shown = 4;
        return String.join(", ", names.subList(0, Math.min(shown, names.size())))
                + (names.size() > shown ? " and %d more".formatted(names.size() - shown) : "");
    }
}
