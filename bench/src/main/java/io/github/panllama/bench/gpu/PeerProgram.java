package io.github.panllama.bench.gpu;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.BatchedBench;
import io.github.panllama.bench.BatchedBench.Speeds;
import io.github.panllama.bench.PeerSetting;
import io.github.panllama.bench.PeerTimeoutException;
import io.github.panllama.bench.gpu.GpuRun.Peer;
import io.github.panllama.engine.EngineTuning;
import java.nio.file.Path;
import java.time.Duration;
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
    static final String NAME = "llama-batched-bench";
    private static final String ALL_LAYERS = "999";

    private final Path folder;
    private final boolean onCpu;
    private final Duration limit;

    /**
     * The program.
     *
     * @param folder where it is
     * @param onCpu whether it shall leave GPUs alone
     * @param limit how long it may take for a setting in one way
     */
    PeerProgram(Path folder, boolean onCpu, Duration limit) {
        this.folder = folder;
        this.onCpu = onCpu;
        this.limit = limit;
    }

    /**
     * Measures a setting.
     *
     * @param tuning the engine's; {@code null} where it is not known
     * @param end when the time is over
     * @param faults is told of ways that took too long
     * @return the best of its ways; {@code null} where all took too long
     * @throws IllegalStateException if the program fails
     */
    @Nullable
    Peer measure(Path file, GpuSetting setting, @Nullable EngineTuning tuning, Deadline end, Faults faults) {
        BatchedBench program = new BatchedBench(folder, file);
        List<Peer> peers = new ArrayList<>();
        for (PeerSetting way : ways(tuning)) {
            Duration left = end.left();
            if (left.isZero()) {
                faults.timeWasOver("%s, %s".formatted(NAME, way));
                continue;
            }
            try {
                Speeds speeds = median(program.measure(
                        setting.workload(),
                        setting.phases(),
                        arguments(setting, way),
                        left.compareTo(limit) < 0 ? left : limit));
                peers.add(new Peer(speeds, way.toString()));
            } catch (PeerTimeoutException e) {
                if (end.isOver()) {
                    faults.timeWasOver("%s, %s".formatted(NAME, way));
                } else {
                    faults.failed(way.toString(), e.getMessage());
                }
            }
        }
        return peers.stream()
                .max(Comparator.comparingDouble(peer -> peer.speeds().decode()))
                .orElse(null);
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
