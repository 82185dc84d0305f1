package io.github.panllama.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A scaling as the object that {@code bench --format json} prints. */
final class BenchScalingJson {
    private static final double DIGITS = 1e3;

    private BenchScalingJson() {}

    static Map<String, Object> of(BenchScaling scaling) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("unit", scaling.unit().toString());
        object.put(
                "points", scaling.points().stream().map(BenchScalingJson::point).toList());
        return object;
    }

    private static Map<String, @Nullable Object> point(BenchScaling.Point point) {
        BenchScaling.Sample sample = point.sample();
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("units", sample.units());
        object.put("parallel_of_each", sample.each());
        object.put("parallel", sample.units() * sample.each());
        object.put("output_tokens_per_second", rounded(sample.tokensPerSecond()));
        object.put("speed_up", rounded(point.speedUp()));
        object.put("efficiency", rounded(point.efficiency()));
        object.put("itl_p95_ms", sample.p95().isPresent() ? rounded(sample.p95().getAsDouble()) : null);
        return object;
    }

    private static double rounded(double number) {
        return Math.round(number * DIGITS) / DIGITS;
    }
}
