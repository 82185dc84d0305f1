package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.BatchedBench;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import io.github.panllama.cli.BenchCards;
import io.github.panllama.cli.Json;
import io.github.panllama.cli.bench.CompletedRequest;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.engine.EngineTuning;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import io.github.panllama.gpu.GpuCard;
import io.github.panllama.gpu.GpuSample;
import io.github.panllama.gpu.GpuUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Figures that are known, through both reports. */
class RunTextTest {
    private static final GpuMachine MACHINE = new GpuMachine(Map.of("date", "today"), OptionalDouble.of(4e12), true);
    private static final BenchModel LARGE = new BenchModel("some-7b", "Q4_K_M", () -> Path.of("x"));

    private static GpuSetting setting(int parallel, int prompt, int generate, KvCacheType cache) {
        return new GpuSetting(LARGE, parallel, prompt, generate, cache, Room.SIZED);
    }

    private static final GpuCard CARD = new GpuCard(0, "card", "", "", Optional.empty());

    /** What a card tells after so many seconds that counts its energy and nothing else. */
    private static GpuSample sample(long seconds, double joules) {
        return new GpuSample(
                CARD,
                Instant.ofEpochSecond(seconds),
                TimeUnit.SECONDS.toNanos(seconds),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.of(joules),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Set.of(),
                Optional.empty());
    }

    private static GpuRun run(GpuSetting setting, double decode, double peer, int stepMillis, long deviceBytes) {
        return run(setting, decode, peer, stepMillis, deviceBytes, List.of());
    }

    private static GpuRun run(
            GpuSetting setting, double decode, double peer, int stepMillis, long deviceBytes, List<GpuUsage> usages) {
        List<Duration> gaps = Stream.generate(() -> Duration.ofMillis(stepMillis))
                .limit(setting.generate() - 1L)
                .toList();
        Duration first = Duration.ofMillis(5);
        Duration all = first.plus(Duration.ofMillis((long) stepMillis * gaps.size()));
        LoadResult load = new LoadResult(List.of(new CompletedRequest(
                0,
                new Usage(setting.prompt(), 0, setting.generate(), 0, 0),
                new Timings(Duration.ZERO, first, gaps, all))));
        return new GpuRun(
                setting,
                new GpuRun.Engine(
                        new PhaseSpeeds(10_000, OptionalDouble.of(decode)),
                        load,
                        new EngineTuning(1, 1, true, false, EngineTuning.Source.GIVEN, List.of()),
                        1024,
                        OptionalLong.of(setting.cache() == KvCacheType.F16 ? 1000 : 531),
                        4e9,
                        OptionalLong.of(1 << 20),
                        Map.of("CUDA0", deviceBytes),
                        new BenchCards(usages, load.generatedTokens())),
                new GpuRun.Peer(new BatchedBench.Speeds(9_000, peer, 5_000), "1 thread"),
                null,
                false);
    }

    @Test
    void aimsThatCanBeToldAreToldAndOthersNot() {
        GpuRun good = run(setting(64, 128, 128, KvCacheType.F16), 1000, 1000, 40, 1L << 30);
        GpuRun slow = run(setting(8, 128, 128, KvCacheType.F16), 970, 1000, 13, 1L << 30);
        GpuRun service = run(setting(32, 896, 128, KvCacheType.F16), 1000, 1000, 10, 9L << 30);
        String text = new Aims(List.of(good, slow, service)).text();
        assertThat(text)
                .contains("0.99 or more each: 0.970, **missed**")
                .contains("64 sequences, p95 of inter-token times, under 50 ms: 40.000, reached")
                .contains("under 12 ms: 13.000, **missed**")
                .contains("12 GiB or less: 9.000, reached")
                .doesNotContain("1.5B")
                .doesNotContain("q8_0");
    }

    @Test
    void aSmallerCacheIsComparedWithTheUsualOneOfTheSameSetting() {
        GpuRun usual = run(setting(64, 1024, 128, KvCacheType.F16), 1000, 1000, 40, 0);
        GpuRun small = run(setting(64, 1024, 128, KvCacheType.Q8_0), 880, 900, 40, 0);
        GpuRun other = run(setting(8, 1024, 128, KvCacheType.F16), 100, 100, 40, 0);
        assertThat(new Aims(List.of(other, usual, small)).text())
                .contains("size, 0.55 or less (some-7b Q4_K_M, 64 x (1024 + 128), KV cache Q8_0): 0.531, reached")
                .contains("): 0.880, **missed**");
    }

    @Test
    void bothReportsHaveTheFiguresAndWhatWasNotMeasured() {
        GpuRun run = run(setting(8, 128, 128, KvCacheType.F16), 1600, 1000, 5, 2L << 20);
        GpuRun failed = new GpuRun(setting(9, 128, 128, KvCacheType.F16), null, null, "no\ntime was left", false);
        String text = new RunText(MACHINE, List.of(run, failed)).text();
        // 200 steps a second, of 4 GB each, against 4 TB a second.
        assertThat(text)
                .contains("- date: today")
                .containsPattern(
                        "\\| +some-7b \\| +Q4_K_M \\| +f16 \\| +8 \\| +128 \\| +1,600.0 \\| +1,000.0 \\| +1.600 \\|")
                .containsPattern("0.20 \\|\\n")
                .contains("- some-7b Q4_K_M, 9 x (128 + 128): no time was left");
        String json = Json.write(RunJson.of(run, MACHINE));
        assertThat(json)
                .contains("\"decode_ratio\": 1.6")
                .contains("\"read_gb_per_second\": 800.0")
                .contains("\"memory_speed_share\": 0.2")
                .contains("\"CUDA0\": 2097152");
        assertThat(Json.write(RunJson.of(failed, MACHINE)))
                .contains("\"engine\": null", "\"decode_ratio\": null", "\"fault\": \"no\\ntime was left\"");
    }

    @Test
    void wattsAndTokensPerJouleAreToldWhereACardWasWatched() {
        GpuSetting setting = setting(8, 128, 128, KvCacheType.F16);
        GpuUsage usage = GpuUsage.of(List.of(sample(100, 5_000), sample(102, 5_640)));
        GpuRun watched = run(setting, 1600, 1000, 5, 0, List.of(usage));
        assertThat(new RunText(MACHINE, List.of(watched)).text())
                .containsPattern("W \\| +tokens/J \\|\\n")
                .containsPattern("320 \\| +0.20 \\|\\n");
        assertThat(Json.write(RunJson.of(watched, MACHINE)))
                .contains("\"watts\": 320.0", "\"joules\": 640.0", "\"energy_source\": \"counter\"")
                .contains("\"tokens_per_joule\": 0.2", "\"joules_per_1000_tokens\": 5000.0");
    }

    @Test
    void withoutACardThereAreNoColumnsOfEnergyAndItsFieldsAreNull() {
        GpuRun run = run(setting(8, 128, 128, KvCacheType.F16), 1600, 1000, 5, 0);
        assertThat(new RunText(MACHINE, List.of(run)).text()).doesNotContain("tokens/J", "| W |");
        assertThat(Json.write(RunJson.of(run, MACHINE)))
                .contains("\"watts\": null, \"joules\": null", "\"tokens_per_joule\": null", "\"cards\": []");
    }

    @Test
    void whatWasMeasuredBeforeTheTimeWasOverStays() {
        GpuRun whole = run(setting(8, 128, 128, KvCacheType.F16), 1600, 1000, 5, 0);
        GpuRun.Engine engine = Objects.requireNonNull(whole.engine());
        GpuRun cut = new GpuRun(
                whole.setting(),
                new GpuRun.Engine(
                        engine.phases(),
                        null,
                        engine.tuning(),
                        engine.cells(),
                        engine.cacheBytes(),
                        engine.stepBytes(),
                        engine.hostPeak(),
                        engine.devicePeaks(),
                        engine.cards()),
                null,
                "the engine: the time was over",
                false);
        assertThat(new RunText(MACHINE, List.of(cut)).text())
                .containsPattern("\\| +1,600.0 \\| +- \\|")
                .contains("128): the engine: the time was over");
        assertThat(Json.write(RunJson.of(cut, MACHINE)))
                .contains("\"decode_tokens_per_second\": 1600.0", "\"total_tokens_per_second\": null")
                .contains("\"itl_ms\": null", "\"requests\": null", "\"read_gb_per_second\": 800.0");
    }
}
