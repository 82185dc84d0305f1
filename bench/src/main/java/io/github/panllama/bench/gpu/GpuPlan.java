package io.github.panllama.bench.gpu;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * All settings of a run in the order of their worth: a run that is cut has measured what matters most. Settings of one
 * model stand together within each pass, because a model has to be loaded for them.
 */
final class GpuPlan {
    /** What is measured first: alone, a batch, a service, as many as there can be. */
    private static final Set<Integer> TELLING = Set.of(1, 8, 64, 256);
    /** Where the ways of a KV cache are compared. */
    private static final int COMPARED = 64;
    /** A service of a small card: that many sequences, of so many tokens each. */
    private static final int SERVICE = 32;

    private static final int SERVICE_TOKENS = 1024;

    private final List<Integer> parallel;
    private final List<Integer> prompts;
    private final int generate;
    private final Set<GpuSetting> settings = new LinkedHashSet<>();

    private GpuPlan(Collection<Integer> parallel, Collection<Integer> prompts, int generate) {
        this.parallel = parallel.stream().sorted().distinct().toList();
        this.prompts = prompts.stream().sorted().distinct().toList();
        this.generate = generate;
    }

    /**
     * Orders settings.
     *
     * @param models the most telling type of each first
     * @param parallel numbers of sequences
     * @param prompts tokens of prompts
     * @param generate tokens that each sequence generates
     */
    static List<GpuSetting> of(
            List<BenchModel> models, Collection<Integer> parallel, Collection<Integer> prompts, int generate) {
        GpuPlan plan = new GpuPlan(parallel, prompts, generate);
        String type = models.isEmpty() ? "" : models.getFirst().type();
        List<BenchModel> first =
                models.stream().filter(model -> model.type().equals(type)).toList();
        List<BenchModel> others =
                models.stream().filter(model -> !model.type().equals(type)).toList();
        first.forEach(plan::addTelling);
        first.forEach(plan::addComparisons);
        first.forEach(plan::addAll);
        others.forEach(plan::addTelling);
        others.forEach(plan::addAll);
        return new ArrayList<>(plan.settings);
    }

    private void addTelling(BenchModel model) {
        parallel.stream()
                .filter(TELLING::contains)
                .forEach(count -> add(model, count, prompts.getFirst(), KvCacheType.F16, Room.SIZED));
    }

    /** A smaller KV cache and the engine's own one, each beside what it is compared with; and the service. */
    private void addComparisons(BenchModel model) {
        if (parallel.contains(COMPARED)) {
            int longest = prompts.getLast();
            add(model, COMPARED, longest, KvCacheType.F16, Room.SIZED);
            add(model, COMPARED, longest, KvCacheType.Q8_0, Room.SIZED);
            add(model, COMPARED, prompts.getFirst(), KvCacheType.F16, Room.DEFAULT);
        }
        if (parallel.contains(SERVICE) && SERVICE_TOKENS > generate) {
            add(model, SERVICE, SERVICE_TOKENS - generate, KvCacheType.F16, Room.SIZED);
        }
    }

    private void addAll(BenchModel model) {
        for (int prompt : prompts) {
            parallel.forEach(count -> add(model, count, prompt, KvCacheType.F16, Room.SIZED));
        }
    }

    private void add(BenchModel model, int count, int prompt, KvCacheType cache, Room room) {
        settings.add(new GpuSetting(model, count, prompt, generate, cache, room));
    }
}
