package io.github.panllama.cli;

import io.github.panllama.engine.EngineTuning;
import java.util.List;
import java.util.Locale;

/** A doctor's report for people. */
final class DoctorText {
    private final Output out;

    DoctorText(Output out) {
        this.out = out;
    }

    void print(DoctorReport report) {
        DoctorReport.Natives natives = report.natives();
        line("panllama", Version.current());
        if (natives != null) {
            line("llama.cpp", "%s (the library says %s)".formatted(natives.release(), natives.version()));
        }
        DoctorReport.Machine machine = report.machine();
        line("Java", "%s (%s), %s".formatted(machine.javaVersion(), machine.javaVendor(), machine.javaHome()));
        line(
                "System",
                "%s %s, %s, %d processors"
                        .formatted(
                                machine.osName(), machine.osVersion(), machine.osArchitecture(), machine.processors()));
        line("NVIDIA", report.cards().summary());
        if (natives == null) {
            line("llama.cpp", "cannot be loaded");
        } else {
            print(natives);
        }
        section("Cards of NVIDIA", report.cards().lines());
    }

    private void print(DoctorReport.Natives natives) {
        line("Platform", natives.platform());
        line("CPU variant", natives.cpuVariant() == null ? "unknown" : natives.cpuVariant());
        line("Features", natives.systemInfo());
        section(
                "Libraries",
                natives.libraries().stream()
                        .map(library -> "%s  %s (%s)".formatted(library.name(), library.path(), library.origin()))
                        .toList());
        section(
                "Devices",
                natives.devices().stream()
                        .map(found -> "%s  %s: %s, %s free of %s"
                                .formatted(
                                        found.device().name(),
                                        found.device().backend(),
                                        found.device().description(),
                                        Quantity.bytes(found.free()),
                                        Quantity.bytes(found.total())))
                        .toList());
        section(
                "Expected and not used",
                natives.unavailable().stream()
                        .map(missing -> "%s: %s".formatted(missing.what(), missing.reason()))
                        .toList());
        if (natives.tuning() != null) {
            print(natives.tuning());
        }
    }

    private void print(EngineTuning tuning) {
        line(
                "Engine",
                "%d threads for one token, %d for more; flash attention %s; %s (%s)"
                        .formatted(
                                tuning.threads(),
                                tuning.batchThreads(),
                                tuning.flashAttention() ? "on" : "off",
                                tuning.unifiedKvCache() ? "one KV cache" : "a KV cache for each sequence",
                                tuning.source().name().toLowerCase(Locale.ROOT)));
        section(
                "Measured for it",
                tuning.trials().stream()
                        .map(trial -> "%2d sequences, %d threads, flash attention %-3s, KV cache %s: %,.0f tokens/s"
                                .formatted(
                                        trial.sequences(),
                                        trial.threads(),
                                        trial.flashAttention() ? "on" : "off",
                                        trial.unifiedKvCache() ? "unified" : "split",
                                        trial.tokensPerSecond()))
                        .toList());
    }

    private void line(String label, String value) {
        out.println("%-12s %s".formatted(label, value));
    }

    private void section(String title, List<String> lines) {
        if (!lines.isEmpty()) {
            out.println("").println(title);
            lines.forEach(line -> out.println("  " + line));
        }
    }
}
