package io.github.panllama.cli;

import io.github.panllama.engine.EngineTuning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A doctor's report as the object that {@code doctor --json} prints. */
final class DoctorJson {
    private DoctorJson() {}

    static Map<String, @Nullable Object> of(DoctorReport report) {
        DoctorReport.Machine machine = report.machine();
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("panllama", Version.current());
        object.put(
                "java",
                pairs(
                        "version", machine.javaVersion(),
                        "vendor", machine.javaVendor(),
                        "home", machine.javaHome()));
        object.put(
                "system",
                pairs(
                        "name", machine.osName(),
                        "version", machine.osVersion(),
                        "architecture", machine.osArchitecture(),
                        "processors", machine.processors()));
        object.put("nvidia", report.cards().json());
        object.put("error", report.failure() == null ? null : report.failure().getMessage());
        if (report.natives() != null) {
            put(object, report.natives());
        }
        return object;
    }

    private static void put(Map<String, @Nullable Object> object, DoctorReport.Natives natives) {
        object.put("llama_cpp", pairs("release", natives.release(), "version", natives.version()));
        object.put("platform", natives.platform());
        object.put("cpu_variant", natives.cpuVariant());
        object.put("system_info", natives.systemInfo());
        List<Map<String, Object>> libraries = natives.libraries().stream()
                .map(library -> pairs(
                        "name", library.name(),
                        "path", library.path().toString(),
                        "origin", library.origin()))
                .toList();
        object.put("libraries", libraries);
        object.put("devices", natives.devices().stream().map(DoctorJson::device).toList());
        List<Map<String, Object>> unavailable = natives.unavailable().stream()
                .map(missing -> pairs("what", missing.what(), "reason", missing.reason()))
                .toList();
        object.put("unavailable", unavailable);
        object.put("engine", natives.tuning() == null ? null : tuning(natives.tuning()));
    }

    private static Map<String, Object> tuning(EngineTuning tuning) {
        return pairs(
                "threads", tuning.threads(),
                "batch_threads", tuning.batchThreads(),
                "flash_attention", tuning.flashAttention(),
                "unified_kv_cache", tuning.unifiedKvCache(),
                "source", tuning.source().name().toLowerCase(Locale.ROOT),
                "trials",
                        tuning.trials().stream()
                                .map(trial -> pairs(
                                        "threads", trial.threads(),
                                        "flash_attention", trial.flashAttention(),
                                        "unified_kv_cache", trial.unifiedKvCache(),
                                        "sequences", trial.sequences(),
                                        "microseconds", trial.microseconds()))
                                .toList());
    }

    private static Map<String, Object> device(DoctorReport.DeviceMemory found) {
        Map<String, Object> object = pairs(
                "name", found.device().name(),
                "description", found.device().description(),
                "type", found.device().type().name().toLowerCase(Locale.ROOT),
                "backend", found.device().backend(),
                "memory_free", found.free(),
                "memory_total", found.total());
        found.device().id().ifPresent(id -> object.put("id", id));
        return object;
    }

    private static Map<String, Object> pairs(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
