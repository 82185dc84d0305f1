package io.github.panllama.cli;

import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryUse;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plan of memory, for people and for programs. */
final class PlanReport {
    private PlanReport() {}

    static void print(MemoryPlan plan, Output out) {
        MarkdownTable table =
                new MarkdownTable(List.of("memory", "weights", "mapped", "cache", "compute", "output", "total", "free"));
        for (MemoryUse use : plan.devices()) {
            table.row(List.of(
                    use.device(),
                    Quantity.bytes(use.weights()),
                    Quantity.bytes(use.mappedWeights()),
                    Quantity.bytes(use.cache()),
                    Quantity.bytes(use.compute()),
                    Quantity.bytes(use.output()),
                    Quantity.bytes(use.total()),
                    Quantity.bytes(use.free())));
        }
        table.print(out);
        out.println("");
        out.println("A context of %d tokens. %s".formatted(plan.contextSize(), verdict(plan)));
    }

    private static String verdict(MemoryPlan plan) {
        if (!plan.fits()) {
            return "It does not fit.";
        }
        boolean resident = plan.devices().stream().allMatch(use -> use.total() <= use.free());
        return resident ? "It fits." : "It fits, but some mapped weights will be read from the disk for each token.";
    }

    static Map<String, Object> json(Path file, MemoryPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", file.toString());
        json.put("context", plan.contextSize());
        json.put("gpu_layers", plan.gpuLayers());
        json.put("total", plan.total());
        json.put("fits", plan.fits());
        json.put("memory", plan.devices().stream().map(PlanReport::json).toList());
        return json;
    }

    private static Map<String, Object> json(MemoryUse use) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", use.device());
        json.put("weights", use.weights());
        json.put("mapped_weights", use.mappedWeights());
        json.put("cache", use.cache());
        json.put("compute", use.compute());
        json.put("output", use.output());
        json.put("total", use.total());
        json.put("needed", use.needed());
        json.put("free", use.free());
        json.put("fits", use.fits());
        return json;
    }
}
