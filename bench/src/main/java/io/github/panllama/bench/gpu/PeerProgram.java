package io.github.panllama.bench.gpu;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.BatchedBench;
import io.github.panllama.bench.BatchedBench.Speeds;
import io.github.panllama.bench.BatchedBench.Told;
import io.github.panllama.bench.PeerSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * llama-batched-bench over the same libraries and with the same work: a process for each way of a model, a length of prompts
 * and a KV cache, which measures all numbers of sequences.
 */
final class PeerProgram {
    static final String NAME = "llama-batched-bench";
    private static final String ALL_LAYERS = "999";
    private static final String TIME_WAS_OVER = "the time was over";
    /** The lines of its log may be lost, all of them where there are few. */
    private static final int MOST_LOST = 2;

    private final Path folder;
    private final List<Path> libraryFolders;
    private final @Nullable String device;
    private final Path log;
    private final Duration limit;
    private final Results results;

    /** Gets each result, as soon as it is there. */
    interface Results {
        /** What the peer gave; {@code null} figures where it failed, or the time was over. */
        void accept(GpuSetting setting, @Nullable Figures peer, @Nullable String fault) throws IOException;
    }

    /**
     * The program.
     *
     * @param folder where it is
     * @param libraryFolders of llama.cpp and what it loads
     * @param device that it computes on; {@code null} for the CPU
     * @param log gets what it said where it has failed
     * @param limit how long a process may take
     */
    PeerProgram(
            Path folder,
            List<Path> libraryFolders,
            @Nullable String device,
            Path log,
            Duration limit,
            Results results) {
        this.folder = folder;
        this.libraryFolders = List.copyOf(libraryFolders);
        this.device = device;
        this.log = log;
        this.limit = limit;
        this.results = results;
    }

    /**
     * Measures settings that differ in their numbers of sequences alone. What fails with many of them is tried again with
     * fewer.
     *
     * @param end when the time is over
     * @return whether something has failed, which was told as a fault
     */
    boolean measure(Path file, List<GpuSetting> settings, PeerSetting way, Deadline end) throws IOException {
        BatchedBench program = new BatchedBench(folder, file, libraryFolders);
        boolean failed = false;
        List<GpuSetting> left = new ArrayList<>(settings);
        for (int lost = 0; !left.isEmpty(); ) {
            Duration most = end.left().compareTo(limit) < 0 ? end.left() : limit;
            if (most.isZero()) {
                tell(left, way, TIME_WAS_OVER);
                return failed;
            }
            Told told = measure(program, left, way, most);
            if (!told.whole()) {
                boolean over = end.isOver() || left.isEmpty();
                tell(
                        left,
                        way,
                        over
                                ? TIME_WAS_OVER
                                : "told no speed within %.1f s and was ended".formatted(limit.toMillis() / 1e3));
                return failed || !over;
            }
            if (!told.failed() && told.speeds().isEmpty() && lost < MOST_LOST) {
                lost++;
            } else if (!left.isEmpty()) {
                failed = true;
                GpuSetting one = impossible(left, told);
                left.remove(one);
                tell(List.of(one), way, told.failed() ? failure(told) : "told no speed");
            }
        }
        return failed;
    }

    private String failure(Told told) throws IOException {
        Files.writeString(log, told.log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return "ended with %d: %s".formatted(told.code(), LastWords.of(told.log()));
    }

    /** After something was told, what came next has failed; before, there is no room for the largest number. */
    private static GpuSetting impossible(List<GpuSetting> left, Told told) {
        return told.speeds().isEmpty()
                ? Collections.max(left, Comparator.comparingInt(GpuSetting::parallel))
                : left.getFirst();
    }

    /** Runs it once, and removes the settings of which it told. */
    private Told measure(BatchedBench program, List<GpuSetting> left, PeerSetting way, Duration most)
            throws IOException {
        GpuSetting any = left.getFirst();
        List<Integer> counts = left.stream()
                .flatMap(setting -> Collections.nCopies(setting.phases(), setting.parallel()).stream())
                .toList();
        Told told = program.measure(
                any.prompt(),
                any.generate(),
                counts,
                arguments(any, way),
                most,
                speeds -> take(speeds, left, way, true));
        take(told.speeds(), left, way, false);
        return told;
    }

    private void take(Map<Integer, List<Speeds>> told, List<GpuSetting> left, PeerSetting way, boolean completeOnly)
            throws IOException {
        for (GpuSetting setting : List.copyOf(left)) {
            List<Speeds> speeds = told.getOrDefault(setting.parallel(), List.of());
            if (speeds.size() >= (completeOnly ? setting.phases() : 1)) {
                results.accept(setting, figures(median(speeds), way), null);
                left.remove(setting);
            }
        }
    }

    private void tell(List<GpuSetting> settings, PeerSetting way, String why) throws IOException {
        for (GpuSetting setting : settings) {
            results.accept(setting, null, "%s, %s: %s".formatted(NAME, way, why));
        }
    }

    private static Figures figures(Speeds speeds, PeerSetting way) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("prefill_tokens_per_second", GpuRun.rounded(speeds.prompt()));
        fields.put("decode_tokens_per_second", GpuRun.rounded(speeds.decode()));
        fields.put("total_tokens_per_second", GpuRun.rounded(speeds.all()));
        fields.put("way", way.toString());
        return new Figures(fields);
    }

    private List<String> arguments(GpuSetting setting, PeerSetting way) {
        List<String> arguments = new ArrayList<>(way.arguments());
        arguments.addAll(
                device == null
                        ? List.of("--device", "none")
                        : List.of("--n-gpu-layers", ALL_LAYERS, "--device", device));
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
