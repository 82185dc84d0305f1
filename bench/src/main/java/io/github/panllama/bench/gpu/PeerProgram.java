package io.github.panllama.bench.gpu;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.BatchedBench;
import io.github.panllama.bench.BatchedBench.Speeds;
import io.github.panllama.bench.PeerSetting;
import io.github.panllama.bench.gpu.GpuRun.Peer;
import io.github.panllama.engine.EngineTuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * llama-batched-bench over the same libraries and with the same work. It is tried as the engine computes, and as it is the
 * fastest on a GPU as a rule; its best counts.
 */
final class PeerProgram {
    private static final String ALL_LAYERS = "999";

    private final Path folder;
    private final boolean onCpu;

    /**
     * The program.
     *
     * @param folder where it is
     * @param onCpu whether it shall leave GPUs alone
     */
    PeerProgram(Path folder, boolean onCpu) {
        this.folder = folder;
        this.onCpu = onCpu;
    }

    /**
     * Measures a setting.
     *
     * @param tuning the engine's; {@code null} where it is not known
     * @param phases how often
     * @throws IllegalStateException if the program fails
     */
    Peer measure(Path file, GpuSetting setting, @Nullable EngineTuning tuning, int phases) {
        BatchedBench program = new BatchedBench(folder, file);
        return ways(tuning).stream()
                .map(way -> new Peer(
                        median(program.measure(setting.workload(), phases, arguments(setting, way))), way.toString()))
                .max(Comparator.comparingDouble(peer -> peer.speeds().decode()))
                .orElseThrow();
    }

    private Set<PeerSetting> ways(@Nullable EngineTuning tuning) {
        Set<PeerSetting> ways = new LinkedHashSet<>();
        if (tuning != null) {
            ways.add(new PeerSetting(tuning.batchThreads(), tuning.flashAttention(), tuning.unifiedKvCache()));
        }
        if (!onCpu || ways.isEmpty()) {
            int threads = tuning == null ? 1 : tuning.batchThreads();
            ways.add(new PeerSetting(threads, true, false));
        }
        return ways;
    }

    private List<String> arguments(GpuSetting setting, PeerSetting way) {
        List<String> arguments = new ArrayList<>(way.arguments());
        arguments.addAll(onCpu ? List.of("--device", "none") : List.of("--n-gpu-layers", ALL_LAYERS));
        if (setting.cache() != KvCacheType.F16) {
            String type = setting.cache().name().toLowerCase(Locale.ROOT);
            arguments.addAll(List.of("--cache-type-k", type, "--cache-type-v", type));
        }
        return arguments;
    }

    private static Speeds median(List<Speeds> speeds) {
        return speeds.stream()
                .sorted(Comparator.comparingDouble(Speeds::decode))
                .toList()
                .get(speeds.size() / 2);
    }
}
