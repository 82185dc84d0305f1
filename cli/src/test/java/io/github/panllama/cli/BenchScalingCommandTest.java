package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchScalingCommandTest {
    private static CommandRun bench(String args) {
        String fixed = "bench --threads 1 --gpu-layers 0 --warm-up 0 --prompt-tokens 8 --generate-tokens 4 --model";
        return CommandRun.of(
                Stream.concat(Stream.of((fixed + " " + TestModels.llama()).split(" ")), Stream.of(args.split(" ")))
                        .toArray(String[]::new));
    }

    private static List<Map<?, ?>> objects(Object list) {
        return ((List<?>) list)
                .stream().<Map<?, ?>>map(each -> (Map<?, ?>) each).toList();
    }

    private static double number(Map<?, ?> object, String name) {
        return ((Number) object.get(name)).doubleValue();
    }

    @Test
    void replicasScaleWhereThereIsOneDevice() {
        CommandRun run = bench("--scaling --replicas 2 --parallel 2,1 --requests 5 --format json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        Map<String, Object> report = JsonReader.readObject(run.out());
        assertThat((Map<?, ?>) report.get("options"))
                .extracting("scaling", "replicas", "devices")
                .containsExactly(true, 2L, null);
        List<Map<?, ?>> runs = objects(report.get("runs"));
        assertThat(runs).extracting(each -> each.get("parallel")).isEqualTo(List.of(2L, 4L, 1L, 2L));
        assertThat(runs).extracting(each -> each.get("replicas")).isEqualTo(List.of(1L, 2L, 1L, 2L));
        assertThat(runs).extracting(each -> each.get("requests")).isEqualTo(List.of(5L, 10L, 5L, 10L));
        assertThat(runs).allSatisfy(each -> assertThat(each.get("devices")).isEqualTo(List.of("CPU")));

        Map<?, ?> scaling = (Map<?, ?>) report.get("scaling");
        assertThat(scaling.get("unit")).isEqualTo("replicas");
        List<Map<?, ?>> points = objects(scaling.get("points"));
        assertThat(points).hasSameSizeAs(runs);
        for (int i = 0; i < points.size(); i++) {
            Map<?, ?> point = points.get(i);
            double units = number(point, "units");
            double speedUp = number(runs.get(i), "output_tokens_per_second")
                    / number(runs.get(i / 2 * 2), "output_tokens_per_second");
            assertThat(units).isEqualTo(i % 2 + 1);
            assertThat(number(point, "parallel")).isEqualTo(units * number(point, "parallel_of_each"));
            assertThat(number(point, "speed_up")).isCloseTo(speedUp, within(0.002));
            assertThat(number(point, "efficiency")).isCloseTo(speedUp / units, within(0.002));
            assertThat(number(point, "itl_p95_ms"))
                    .isEqualTo(number((Map<?, ?>) runs.get(i).get("itl_ms"), "p95"));
        }
    }

    @Test
    void theTablesTellHowManyComputed() {
        CommandRun run = bench("--devices cpu --scaling --replicas 2 --parallel 3");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("; scaling over 2 replicas, on CPU")
                .contains("| 2 × 3 | ")
                .contains("| replicas | B of each | B of all | output t/s of all |")
                .contains("requests in flight grow with the replicas");
    }

    @Test
    void aDeviceByNameHasTheModel() {
        CommandRun run = bench("--devices CPU --parallel 1 --format json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        Map<String, Object> report = JsonReader.readObject(run.out());
        assertThat((Map<?, ?>) report.get("options"))
                .extracting("devices", "scaling")
                .containsExactly(List.of("CPU"), false);
        assertThat(report.get("scaling")).isNull();
        assertThat(objects(report.get("runs")).getFirst().get("devices")).isEqualTo(List.of("CPU"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--devices CUDA77; --devices names 'CUDA77', must be one of: ",
                "--devices CUDA77; CPU (",
                "--devices CPU,CPU; --devices names CPU twice",
                "--scaling; --scaling has one device with one context",
                "--scaling --replicas 2 --parallel 257; --parallel is 257, must be in [1, 256]",
                "--scaling --replicas 2 --parallel 1 --context 11; --context is 11, must be 12 or more",
                "--scaling --replicas 2 --parallel 1 --requests 2000000000; must be in [1, 1073741823]"
            })
    void whatCannotBeIsNamed(String args, String message) {
        CommandRun run = bench(args);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message).contains("--help");
        assertThat(run.out()).isEmpty();
    }
}
