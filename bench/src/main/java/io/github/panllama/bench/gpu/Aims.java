package io.github.panllama.bench.gpu;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What the project wants to reach on one large card, against what was measured. Aims of models that were not are left out;
 * each line tells on how many settings it stands, because a run may have been cut.
 */
final class Aims {
    private static final String SMALL = "1.5b";
    private static final String LARGE = "7b";
    private static final double GIGA = 1e9;

    /** Those of the table: what is varied for comparison is no aim. */
    private final List<GpuRun> runs;

    private final List<GpuRun> caches;
    private final List<String> lines = new ArrayList<>();

    Aims(List<GpuRun> all) {
        caches = all.stream()
                .filter(run -> run.setting().hasPeer() && run.setting().room() == Room.SIZED)
                .toList();
        runs = caches.stream()
                .filter(run -> run.setting().cache() == KvCacheType.F16)
                .toList();
    }

    /** Whether there are aims of a model of that name. */
    static boolean isOf(String model) {
        return model.endsWith("-" + SMALL) || model.endsWith("-" + LARGE);
    }

    /** A line for each aim that can be told. */
    String text() {
        most("1.5B, tokens/s in all at best, 30,000 or more", of(SMALL), 30_000);
        most("7B, tokens/s in all at best, 12,000 or more", of(LARGE), 12_000);
        aim(
                "decode against llama-batched-bench, the least ratio, 0.99 or more",
                run -> true,
                GpuRun::decodeRatio,
                false,
                value -> value >= 0.99);
        for (int prompt :
                new TreeSet<>(runs.stream().map(run -> run.setting().prompt()).toList())) {
            p95(64, 64, prompt, 50);
            p95(1, 8, prompt, 12);
        }
        aim(
                "7B, 32 sequences of 1,024 tokens, GB (1e9 bytes) of the card, 12 or less",
                of(LARGE)
                        .and(run -> run.setting().parallel() == 32
                                && run.setting().prompt() + run.setting().generate() == 1024
                                && run.setting().type().equals("Q4_K_M")),
                run -> cardBytes(run) / GIGA,
                true,
                value -> value <= 12);
        compareCaches();
        return String.join("", lines);
    }

    private void most(String what, Predicate<GpuRun> which, double least) {
        aim(what, which, GpuRun::total, true, value -> value >= least);
    }

    private void p95(int least, int most, int prompt, double bound) {
        String sequences = least == most ? least + " sequences" : "%d to %d sequences".formatted(least, most);
        aim(
                "7B at %s, prompts of %d tokens, the highest p95 of inter-token times, under %.0f ms"
                        .formatted(sequences, prompt, bound),
                of(LARGE)
                        .and(run -> run.setting().parallel() >= least
                                && run.setting().parallel() <= most
                                && run.setting().prompt() == prompt),
                run -> run.engineNumber("itl_ms", "p95"),
                true,
                value -> value < bound);
    }

    /** By the driver, with what CUDA takes for itself; without one, by what was free on the device before. */
    static double cardBytes(GpuRun run) {
        double told = run.engineNumber("card_memory_peak_bytes");
        Figures engine = run.engine();
        return Double.isNaN(told) && engine != null ? engine.sum("device_memory_peak_bytes") : told;
    }

    /** The largest value, or the least one. */
    private void aim(
            String what,
            Predicate<GpuRun> which,
            ToDoubleFunction<GpuRun> value,
            boolean largest,
            DoublePredicate reached) {
        List<GpuRun> asked = runs.stream().filter(which).toList();
        double[] values = asked.stream()
                .mapToDouble(value)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (values.length > 0) {
            double told = largest ? values[values.length - 1] : values[0];
            line(what, told, reached.test(told), "%d of %d settings".formatted(values.length, asked.size()));
        }
    }

    private void line(String what, double value, boolean reached, String origin) {
        lines.add(String.format(
                Locale.ROOT, "- %s: %,.3f, %s (%s)%n", what, value, reached ? "reached" : "**missed**", origin));
    }

    /** A smaller KV cache beside the usual one of the same setting. */
    private void compareCaches() {
        for (GpuRun small : caches) {
            if (small.setting().cache() == KvCacheType.Q8_0) {
                caches.stream()
                        .filter(run -> run.setting().equals(small.setting().withCache(KvCacheType.F16)))
                        .findFirst()
                        .ifPresent(usual -> compare(usual, small));
            }
        }
    }

    private void compare(GpuRun usual, GpuRun small) {
        String where = small.setting().toString();
        double bytes = small.engineNumber("kv_bytes_per_token") / usual.engineNumber("kv_bytes_per_token");
        double speed = small.decode() / usual.decode();
        finite(bytes)
                .ifPresent(
                        value -> line("KV cache in q8_0 against f16, size, 0.55 or less", value, value <= 0.55, where));
        finite(speed)
                .ifPresent(value ->
                        line("KV cache in q8_0 against f16, speed of decode, 0.9 or more", value, value >= 0.9, where));
    }

    private static OptionalDouble finite(double value) {
        return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    private static Predicate<GpuRun> of(String model) {
        return run -> run.setting().model().endsWith("-" + model);
    }
}
