package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a plan: a block of settings of one model in a process for the engine, then its peer, and the next block.
 * Neither is on the card while the other is measured.
 */
final class GpuRunner {
    private final List<BenchModel> models;
    private final List<GpuSetting> plan;
    private final GpuReport report;
    private final EngineBlock engine;
    private final @Nullable PeerBlock peer;
    private final Deadline end;
    private boolean failed;

    /**
     * A runner.
     *
     * @param models of the plan
     * @param peer {@code null} for none
     * @param end when the time is over
     */
    GpuRunner(
            List<BenchModel> models,
            List<GpuSetting> plan,
            GpuReport report,
            EngineBlock engine,
            @Nullable PeerBlock peer,
            Deadline end) {
        this.models = models;
        this.plan = plan;
        this.report = report;
        this.engine = engine;
        this.peer = peer;
        this.end = end;
    }

    /**
     * Measures all that is not known, until the time is over.
     *
     * @param keep whether models that were written stay
     * @return whether something has failed, which was told as a fault
     */
    boolean run(boolean keep) throws IOException {
        for (int from = 0; from < plan.size(); ) {
            int to = endOfBlock(from);
            GpuSetting first = plan.get(from);
            BenchModel model = models.stream().filter(first::isOf).findFirst().orElseThrow();
            run(model, plan.subList(from, to));
            if (!keep && plan.subList(to, plan.size()).stream().noneMatch(later -> later.isOf(model))) {
                model.file().release();
            }
            from = to;
        }
        return failed;
    }

    private int endOfBlock(int from) {
        GpuSetting first = plan.get(from);
        int to = from;
        while (to < plan.size() && isWith(first, plan.get(to))) {
            to++;
        }
        return to;
    }

    private static boolean isWith(GpuSetting one, GpuSetting other) {
        Map<String, String> environment = one.variant().environment();
        return one.model().equals(other.model())
                && one.type().equals(other.type())
                && one.copies() == other.copies()
                && environment.equals(other.variant().environment());
    }

    private void run(BenchModel model, List<GpuSetting> block) throws IOException {
        List<GpuSetting> unknown = new ArrayList<>();
        boolean peerToo = false;
        for (GpuSetting setting : block) {
            GpuRun run = report.run(setting);
            if (run.lacksEngine()) {
                unknown.add(setting);
            }
            peerToo |= peer != null && run.lacksPeer();
        }
        if (end.isOver() || (unknown.isEmpty() && !peerToo)) {
            return;
        }
        Path file = file(model, unknown.isEmpty() ? block : unknown);
        if (file == null) {
            return;
        }
        failed |= engine.measure(file, unknown);
        // A model that the engine cannot load is none for its peer either.
        boolean any = block.stream().anyMatch(setting -> report.run(setting).engine() != null);
        if (peer != null && any && !end.isOver()) {
            failed |= peer.measure(file, block, plan);
        }
    }

    /** Its file; {@code null} where there is none, which is told. */
    private @Nullable Path file(BenchModel model, List<GpuSetting> settings) throws IOException {
        try {
            return model.file().get();
        } catch (CancellationException e) {
            report.put(report.run(settings.getFirst()).withEngine(null, "the model: the time was over"));
        } catch (IOException e) {
            failed = true;
            for (GpuSetting setting : settings) {
                report.put(report.run(setting).withEngine(null, "the model: " + e.getMessage()));
            }
        }
        return null;
    }
}
