package io.github.panllama.bench.gpu;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import io.github.panllama.bench.gpu.GpuSetting.Variant;
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

    private static final int MANY = 256;
    /** A service of a small card: that many sequences, of so many tokens each. */
    private static final int SERVICE = 32;

    private static final int SERVICE_TOKENS = 1024;

    private final List<Integer> parallel;
    private final List<Integer> prompts;
    private final int generate;
    private final Set<GpuSetting> settings = new LinkedHashSet<>();

    /** A part of a run. */
    enum Section {
        /** Every number of sequences with every length of prompts, and ways of the KV cache. */
        TABLE,
        /** Choices of the engine that are compared with its defaults. */
        TUNING,
        /** A copy of the model on 1, 2, … devices. */
        SCALING
    }

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
     * @param sections what is measured
     * @param copies devices over which scaling is measured, at most; 1 for none
     */
    static List<GpuSetting> of(
            List<BenchModel> models,
            Collection<Integer> parallel,
            Collection<Integer> prompts,
            int generate,
            Set<Section> sections,
            int copies) {
        GpuPlan plan = new GpuPlan(parallel, prompts, generate);
        String type = models.isEmpty() ? "" : models.getFirst().type();
        List<BenchModel> first =
                models.stream().filter(model -> model.type().equals(type)).toList();
        List<BenchModel> others =
                models.stream().filter(model -> !model.type().equals(type)).toList();
        List<BenchModel> aimed =
                first.stream().filter(model -> Aims.isOf(model.name())).toList();
        plan.add(aimed.isEmpty() ? first : aimed, first, others, sections, copies);
        return new ArrayList<>(plan.settings);
    }

    /** Back and forth, so that the last model of a pass is the first of the next one, and stays loaded. */
    private void add(
            List<BenchModel> aimed,
            List<BenchModel> first,
            List<BenchModel> others,
            Set<Section> sections,
            int copies) {
        boolean table = sections.contains(Section.TABLE);
        if (table) {
            aimed.forEach(this::addTelling);
            aimed.reversed().forEach(this::addComparisons);
            first.forEach(this::addTelling);
        }
        if (sections.contains(Section.SCALING)) {
            aimed.forEach(model -> addScaling(model, copies));
        }
        if (sections.contains(Section.TUNING)) {
            aimed.forEach(this::addTuning);
        }
        if (table) {
            first.reversed().forEach(model -> addAll(model, prompts.subList(0, 1)));
            first.forEach(model -> addAll(model, prompts));
            first.forEach(this::addComparisons);
            others.forEach(this::addTelling);
            others.reversed().forEach(model -> addAll(model, prompts));
        }
    }

    private GpuSetting setting(BenchModel model, int count, int prompt) {
        return GpuSetting.of(model, count, prompt, generate);
    }

    private void addTelling(BenchModel model) {
        parallel.stream()
                .filter(TELLING::contains)
                .forEach(count -> settings.add(setting(model, count, prompts.getFirst())));
    }

    /** A smaller KV cache and the engine's own one, each beside what it is compared with; and the service. */
    private void addComparisons(BenchModel model) {
        if (parallel.contains(COMPARED)) {
            GpuSetting longest = setting(model, COMPARED, prompts.getLast());
            settings.add(longest);
            settings.add(longest.withCache(KvCacheType.Q8_0));
            settings.add(setting(model, COMPARED, prompts.getFirst()).withRoom(Room.DEFAULT));
        }
        if (parallel.contains(SERVICE) && SERVICE_TOKENS > generate) {
            settings.add(setting(model, SERVICE, SERVICE_TOKENS - generate));
        }
    }

    /** What needs a process with another environment comes last. */
    private void addTuning(BenchModel model) {
        List<GpuSetting> usual = parallel.stream()
                .filter(count -> count == COMPARED || count == MANY || parallel.size() == 1)
                .map(count -> setting(model, count, prompts.getFirst()))
                .toList();
        for (GpuSetting setting : usual) {
            settings.add(setting);
            settings.add(setting.withVariant(Variant.DEVICE_SAMPLING));
            for (Variant variant : Variant.values()) {
                if (variant.batch() >= setting.parallel()) {
                    settings.add(setting.withVariant(variant));
                }
            }
        }
        usual.forEach(setting -> settings.add(setting.withVariant(Variant.NO_CUDA_GRAPHS)));
    }

    private void addScaling(BenchModel model, int copies) {
        int count = parallel.contains(COMPARED) ? COMPARED : parallel.getLast();
        for (int i = 1; copies > 1 && i <= copies; i++) {
            settings.add(setting(model, count, prompts.getFirst()).withCopies(i));
        }
    }

    private void addAll(BenchModel model, List<Integer> lengths) {
        for (int prompt : lengths) {
            parallel.forEach(count -> settings.add(setting(model, count, prompt)));
        }
    }
}
