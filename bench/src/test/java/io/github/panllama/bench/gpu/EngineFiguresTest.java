package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.cli.bench.CompletedRequest;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.engine.EngineTuning;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import io.github.panllama.gpu.GpuCard;
import io.github.panllama.gpu.GpuMemory;
import io.github.panllama.gpu.GpuSample;
import io.github.panllama.gpu.GpuUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EngineFiguresTest {
    private static final GpuCard CARD = new GpuCard(0, "card", "", "", Optional.empty());
    private static final GpuSetting SETTING =
            GpuSetting.of(new BenchModel("some-7b", "Q4_K_M", () -> Path.of("x")), 8, 128, 128);

    /** What a card tells after so many seconds that counts its energy, and perhaps knows this process. */
    private static GpuSample sample(long seconds, double joules, OptionalLong processBytes) {
        return new GpuSample(
                CARD,
                Instant.ofEpochSecond(seconds),
                TimeUnit.SECONDS.toNanos(seconds),
                Optional.of(new GpuMemory(900, 700, 200, 0)),
                processBytes,
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

    private static Figures figures(int stepMillis, OptionalLong processBytes) {
        List<Duration> gaps =
                Stream.generate(() -> Duration.ofMillis(stepMillis)).limit(127).toList();
        Duration first = Duration.ofMillis(5);
        LoadResult load = new LoadResult(List.of(new CompletedRequest(
                0,
                new Usage(128, 0, 128, 0, 0),
                new Timings(Duration.ZERO, first, gaps, first.plus(Duration.ofMillis(127L * stepMillis))))));
        EngineFigures figures = new EngineFigures(
                SETTING,
                new PhaseSpeeds(10_000, OptionalDouble.of(100)),
                new EngineTuning(1, 1, true, false, EngineTuning.Source.GIVEN, List.of()),
                1024);
        figures.put(
                load,
                List.of(GpuUsage.of(List.of(sample(100, 5_000, processBytes), sample(102, 5_640, processBytes)))));
        return figures.all();
    }

    @Test
    void energyIsToldWithItsSource() {
        assertThat(figures(20, OptionalLong.empty()).fields())
                .containsEntry("watts", 320.0)
                .containsEntry("joules", 640.0)
                .containsEntry("energy_source", "counter")
                .containsEntry("tokens_per_joule", 0.2)
                .containsEntry("joules_per_1000_tokens", 5000.0);
    }

    @Test
    void aLoadOfLessThanTwoSecondsHasNoEnergy() {
        assertThat(figures(15, OptionalLong.empty()).fields())
                .containsEntry("watts", null)
                .containsEntry("joules", null)
                .containsEntry("tokens_per_joule", null)
                .containsEntry("load_seconds", 1.91);
    }

    @Test
    void theCardsMemoryIsThatOfTheProcessWhereTheDriverTells() {
        assertThat(figures(15, OptionalLong.of(600)).number("card_memory_peak_bytes"))
                .isEqualTo(600);
        assertThat(figures(15, OptionalLong.empty()).number("card_memory_peak_bytes"))
                .isEqualTo(700);
    }

    @Test
    void theWaysToComputeThatWereTriedAreTold() {
        EngineTuning tuning = new EngineTuning(
                1,
                2,
                true,
                false,
                EngineTuning.Source.MEASURED,
                List.of(new EngineTuning.Trial(2, false, true, 16, 8_000)));
        assertThat(new EngineFigures(SETTING, new PhaseSpeeds(10_000, OptionalDouble.of(100)), tuning, 1024)
                        .all()
                        .fields())
                .containsEntry("threads", 2)
                .containsEntry("threads_of_one_token", 1)
                .containsEntry("tuning_is", "measured")
                .containsEntry(
                        "trials",
                        List.of(Map.of(
                                "sequences",
                                16,
                                "threads",
                                2,
                                "flash_attention",
                                false,
                                "unified_kv_cache",
                                true,
                                "tokens_per_second",
                                2000.0)));
    }
}
