package io.github.panllama.bench.gpu;

import io.github.panllama.bench.PeerSetting;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The peer beside a block of settings that the engine was measured in. It is tried as the engine computes, and on a GPU
 * also as is the fastest there as a rule (flash attention, a room for each sequence); its best counts. The second needs
 * nothing of the engine, so that all of the plan that one process can measure is measured at once; not what has more
 * sequences than any of the block, because that takes longer than all of these together, and its turn may never come.
 */
final class PeerBlock {
    private static final PeerSetting USUAL = new PeerSetting(1, true, false);

    private final PeerProgram program;
    private final GpuReport report;
    private final boolean gpu;
    private final Deadline end;
    private final Set<Tried> tried = new HashSet<>();
    private boolean failed;

    private record Tried(GpuSetting setting, PeerSetting way) {}

    /** What settings have to have in common for one process, and the way in which it computes. */
    private record Group(GpuSetting withoutCount, PeerSetting way) {
        static Group of(GpuSetting setting, PeerSetting way) {
            return new Group(
                    new GpuSetting(
                            setting.model(),
                            setting.type(),
                            1,
                            setting.prompt(),
                            setting.generate(),
                            setting.cache(),
                            Room.SIZED,
                            setting.variant(),
                            setting.copies()),
                    way);
        }
    }

    /**
     * A block.
     *
     * @param report what is known, and where results go
     * @param end when the time is over
     */
    PeerBlock(PeerProgram program, GpuReport report, boolean gpu, Deadline end) {
        this.program = program;
        this.report = report;
        this.gpu = gpu;
        this.end = end;
    }

    /**
     * Measures.
     *
     * @param settings of one model
     * @param plan all settings of the run
     * @return whether something has failed, which was told as a fault
     */
    boolean measure(Path file, List<GpuSetting> settings, List<GpuSetting> plan) throws IOException {
        failed = false;
        List<GpuSetting> own = settings.stream().filter(GpuSetting::hasPeer).toList();
        if (gpu) {
            measureUsual(file, own, plan);
        }
        Map<Group, List<GpuSetting>> groups = new LinkedHashMap<>();
        for (GpuSetting setting : own) {
            GpuRun run = report.run(setting);
            PeerSetting way = wayOfEngine(run);
            boolean known = !run.lacksPeer() && (run.lacksEngine() || (gpu && way.equals(USUAL)));
            if (!known && tried.add(new Tried(setting, way))) {
                groups.computeIfAbsent(Group.of(setting, way), _ -> new ArrayList<>())
                        .add(setting);
            }
        }
        measure(file, groups);
        return failed;
    }

    private void measureUsual(Path file, List<GpuSetting> own, List<GpuSetting> plan) throws IOException {
        Map<Group, List<GpuSetting>> groups = new LinkedHashMap<>();
        for (GpuSetting setting : own) {
            if (setting.room() == Room.SIZED && report.run(setting).lacksPeer()) {
                groups.putIfAbsent(Group.of(setting, USUAL), new ArrayList<>());
            }
        }
        groups.forEach((group, members) -> plan.stream()
                .filter(setting -> setting.hasPeer() && setting.room() == Room.SIZED)
                .filter(setting -> Group.of(setting, group.way).equals(group))
                .filter(setting -> own.stream()
                        .anyMatch(
                                one -> Group.of(one, group.way).equals(group) && one.parallel() >= setting.parallel()))
                .filter(setting -> report.run(setting).lacksPeer() && tried.add(new Tried(setting, group.way)))
                .forEach(members::add));
        measure(file, groups);
        for (GpuSetting setting : own) {
            Figures same = report.run(sized(setting)).peer();
            if (setting.room() == Room.DEFAULT && same != null) {
                report.put(report.run(setting).withPeer(same));
            }
        }
    }

    private static GpuSetting sized(GpuSetting setting) {
        return setting.withRoom(Room.SIZED);
    }

    private void measure(Path file, Map<Group, List<GpuSetting>> groups) throws IOException {
        for (Map.Entry<Group, List<GpuSetting>> group : groups.entrySet()) {
            if (!group.getValue().isEmpty()) {
                failed |= program.measure(file, group.getValue(), group.getKey().way, end);
            }
        }
    }

    /**
     * As the engine has computed; where that is not known, with flash attention and a room for each sequence. On a GPU
     * threads only prepare the work: one thread, and so fewer ways.
     */
    private PeerSetting wayOfEngine(GpuRun run) {
        Figures engine = run.engine();
        return engine == null
                ? USUAL
                : new PeerSetting(
                        gpu ? 1 : (int) engine.number("threads"),
                        engine.truth("flash_attention"),
                        engine.truth("unified_kv_cache"));
    }
}
