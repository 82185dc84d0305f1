package io.github.panllama.bench.gpu;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuRun.Engine;
import io.github.panllama.cli.bench.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** What the project wants to reach on one large card, against what was measured. Aims of models that were not are left out. */
final class Aims {
    private static final String SMALL = "1.5b";
    private static final String LARGE = "7b";
    private static final double GIB = 1L << 30;

    private final List<GpuRun> runs;
    private final List<String> lines = new ArrayList<>();

    Aims(List<GpuRun> runs) {
        this.runs = runs.stream().filter(run -> run.engine() != null).toList();
    }

    /** A line for each aim that can be told. */
    String text() {
        aim("1.5B, tokens/s in all, 30,000 or more", most(SMALL, Aims::total), value -> value >= 30_000);
        aim("7B, tokens/s in all, 12,000 or more", most(LARGE, Aims::total), value -> value >= 12_000);
        aim("decode against llama-batched-bench, 0.99 or more each", leastRatio(), value -> value >= 0.99);
        aim("7B at 64 sequences, p95 of inter-token times, under 50 ms", p95(64, 64), value -> value < 50);
        aim("7B at 1 to 8 sequences, p95 of inter-token times, under 12 ms", p95(1, 8), value -> value < 12);
        aim("7B, 32 sequences of 1,024 tokens, 12 GiB or less", serviceGib(), value -> value <= 12);
        compareCaches();
        return String.join("", lines);
    }

    private void aim(String what, OptionalDouble value, DoublePredicate reached) {
        if (value.isPresent()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "- %s: %,.3f, %s%n",
                    what,
                    value.getAsDouble(),
                    reached.test(value.getAsDouble()) ? "reached" : "**missed**"));
        }
    }

    private DoubleStream values(Predicate<GpuRun> which, ToDoubleFunction<GpuRun> value) {
        return runs.stream().filter(which).mapToDouble(value).filter(Double::isFinite);
    }

    private OptionalDouble most(String model, ToDoubleFunction<GpuRun> value) {
        return values(of(model), value).max();
    }

    private OptionalDouble leastRatio() {
        return values(run -> true, GpuRun::decodeRatio).min();
    }

    private OptionalDouble p95(int least, int most) {
        return values(
                        of(LARGE)
                                .and(run -> run.setting().parallel() >= least
                                        && run.setting().parallel() <= most
                                        && run.setting().prompt() <= 128),
                        run -> engine(run).interTokenLatency().map(Latency::p95).orElse(Double.NaN))
                .max();
    }

    private OptionalDouble serviceGib() {
        return values(
                        of(LARGE)
                                .and(run -> run.setting().parallel() == 32
                                        && run.setting().prompt()
                                                        + run.setting().generate()
                                                == 1024),
                        run -> engine(run).devicePeaks().values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum()
                                / GIB)
                .min();
    }

    /** A smaller KV cache beside the usual one of the same setting. */
    private void compareCaches() {
        for (GpuRun small : runs) {
            if (small.setting().cache() == KvCacheType.Q8_0) {
                runs.stream()
                        .filter(run -> isUsualFor(run.setting(), small.setting()))
                        .findFirst()
                        .ifPresent(usual -> compare(usual, small));
            }
        }
    }

    private static boolean isUsualFor(GpuSetting usual, GpuSetting small) {
        return usual.equals(new GpuSetting(
                small.model(), small.parallel(), small.prompt(), small.generate(), KvCacheType.F16, small.room()));
    }

    private void compare(GpuRun usual, GpuRun small) {
        double bytes = (double) engine(small).cacheBytes().orElse(0)
                / engine(usual).cacheBytes().orElse(0);
        double speed = decode(small) / decode(usual);
        String where = " (%s)".formatted(small.setting());
        aim("KV cache in q8_0 against f16, size, 0.55 or less" + where, finite(bytes), value -> value <= 0.55);
        aim("KV cache in q8_0 against f16, speed of decode, 0.9 or more" + where, finite(speed), value -> value >= 0.9);
    }

    private static OptionalDouble finite(double value) {
        return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    private static Predicate<GpuRun> of(String model) {
        return run -> run.setting().model().name().endsWith("-" + model);
    }

    private static double total(GpuRun run) {
        return engine(run).totalTokensPerSecond();
    }

    private static double decode(GpuRun run) {
        return engine(run).phases().generation().orElse(Double.NaN);
    }

    private static Engine engine(GpuRun run) {
        return Objects.requireNonNull(run.engine());
    }
}
