package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes results into the report as they come, and tells who waits. */
final class GpuProgress {
    private final List<GpuSetting> plan;
    private final GpuReport report;
    private final Deadline end;

    GpuProgress(List<GpuSetting> plan, GpuReport report, Deadline end) {
        this.plan = plan;
        this.report = report;
        this.end = end;
    }

    void engine(GpuSetting setting, @Nullable Figures figures, @Nullable String fault) throws IOException {
        GpuRun run = report.run(setting).withEngine(figures, fault);
        report.put(run);
        note(
                setting,
                figures == null
                        ? ""
                        : "decode %s, in all %s tokens/s"
                                .formatted(RunText.figure(run.decode(), "%,.0f"), RunText.figure(run.total(), "%,.0f")),
                fault);
    }

    void peer(GpuSetting setting, @Nullable Figures figures, @Nullable String fault) throws IOException {
        GpuRun before = report.run(setting);
        GpuRun run = figures == null
                ? before.withPeerFault(fault == null ? "nothing was told" : fault)
                : before.withPeer(figures);
        report.put(run);
        note(
                setting,
                figures == null
                        ? ""
                        : "the peer's decode %s tokens/s, ratio %s"
                                .formatted(
                                        RunText.figure(figures.number("decode_tokens_per_second"), "%,.0f"),
                                        RunText.figure(run.decodeRatio(), "%.3f")),
                fault);
    }

    private void note(GpuSetting setting, String figures, @Nullable String fault) {
        GpuBench.note("%d of %d, %d s: %s: %s%s"
                .formatted(
                        plan.indexOf(setting) + 1,
                        plan.size(),
                        end.elapsed().toSeconds(),
                        setting,
                        figures,
                        fault == null ? "" : (figures.isEmpty() ? "" : ", ") + fault));
    }
}
