package io.github.panllama.cli;

import io.github.panllama.QuantizationPlan;
import io.github.panllama.QuantizationResult;
import io.github.panllama.QuantizationType;
import io.github.panllama.QuantizedTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What quantising did or would do, for people or as JSON. */
final class QuantizeReport {
    private final Output out;

    QuantizeReport(Output out) {
        this.out = out;
    }

    /** Every type, the largest first. */
    void types(boolean json) {
        if (json) {
            out.println(Json.write(List.of(QuantizationType.values()).stream()
                    .map(type -> Map.of(
                            "name", type.name(),
                            "bits_per_weight", type.bitsPerWeight(),
                            "tensor_type", type.tensorType().ggmlName(),
                            "description", type.description()))
                    .toList()));
            return;
        }
        out.println("type       bits/weight  ");
        for (QuantizationType type : QuantizationType.values()) {
            out.println(String.format(
                    Locale.ROOT, "%-10s %11.2f  %s", type.name(), type.bitsPerWeight(), type.description()));
        }
        out.println("");
        out.println("Bits per weight are those of a model of Llama 3.1 8B's shape; --dry-run tells them of yours.");
    }

    void plan(Path source, QuantizationPlan plan, boolean json) {
        if (json) {
            out.println(Json.write(object(source, plan, null)));
            return;
        }
        int width = plan.tensors().stream()
                .mapToInt(tensor -> tensor.name().length())
                .max()
                .orElse(0);
        for (QuantizedTensor tensor : plan.tensors()) {
            out.println(String.format(
                    Locale.ROOT,
                    "%-" + Math.max(1, width) + "s  %-8s %-8s %12d %12d",
                    tensor.name(),
                    tensor.from().ggmlName(),
                    tensor.isConverted() ? tensor.to().ggmlName() : "",
                    tensor.bytesBefore(),
                    tensor.bytesAfter()));
        }
        summary(plan, "would become");
        if (!plan.missingImportance().isEmpty()) {
            out.println("It needs an importance matrix (--imatrix), for "
                    + plan.missingImportance().getFirst()
                    + (plan.missingImportance().size() > 1
                            ? " and %d more".formatted(plan.missingImportance().size() - 1)
                            : ""));
        }
    }

    void result(Path source, QuantizationResult result, boolean json) {
        if (json) {
            out.println(Json.write(object(source, result.plan(), result)));
            return;
        }
        summary(result.plan(), "became");
        result.files().forEach(file -> out.println("Written: " + file));
    }

    private void summary(QuantizationPlan plan, String became) {
        out.println(String.format(
                Locale.ROOT,
                "%s %s %s: %.2f bits per weight, %s",
                Quantity.bytes(plan.bytesBefore()),
                became,
                Quantity.bytes(plan.bytesAfter()),
                plan.bitsPerWeight(),
                plan.tensorsByType().entrySet().stream()
                        .map(entry ->
                                entry.getValue() + " tensors " + entry.getKey().ggmlName())
                        .collect(Collectors.joining(", "))));
        plan.fallbacks()
                .forEach(tensor -> out.println("%s became %s: its rows of %d do not fit %s"
                        .formatted(
                                tensor.name(),
                                tensor.to().ggmlName(),
                                tensor.rowLength(),
                                tensor.fallbackFrom().orElseThrow().ggmlName())));
    }

    private static Map<String, @Nullable Object> object(
            Path source, QuantizationPlan plan, @Nullable QuantizationResult result) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("type", plan.type().name());
        object.put("source", source.toString());
        object.put(
                "files",
                result == null
                        ? List.of()
                        : result.files().stream().map(Path::toString).toList());
        object.put("bytes_before", plan.bytesBefore());
        object.put("bytes_after", plan.bytesAfter());
        object.put("bits_per_weight", plan.bitsPerWeight());
        Map<String, Object> types = new LinkedHashMap<>();
        plan.tensorsByType().forEach((type, count) -> types.put(type.ggmlName(), count));
        object.put("tensors_by_type", types);
        object.put(
                "fallbacks",
                plan.fallbacks().stream().map(QuantizedTensor::name).toList());
        object.put("missing_importance", plan.missingImportance());
        object.put("duration_ms", result == null ? null : result.duration().toMillis());
        object.put("dry_run", result == null);
        List<Map<String, Object>> tensors = new ArrayList<>();
        for (QuantizedTensor tensor : plan.tensors()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", tensor.name());
            entry.put("shape", tensor.shape());
            entry.put("from", tensor.from().ggmlName());
            entry.put("to", tensor.to().ggmlName());
            entry.put("bytes_before", tensor.bytesBefore());
            entry.put("bytes_after", tensor.bytesAfter());
            tensors.add(entry);
        }
        object.put("tensors", tensors);
        return object;
    }
}
