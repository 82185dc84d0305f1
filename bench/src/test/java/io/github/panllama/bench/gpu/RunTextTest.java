package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuSetting.Variant;
import io.github.panllama.cli.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Figures that are known, through both reports. */
class RunTextTest {
    private static final GpuMachine MACHINE = new GpuMachine(Map.of("date", "today"), OptionalDouble.of(4e12), true);
    private static final BenchModel LARGE = new BenchModel("some-7b", "Q4_K_M", () -> Path.of("x"));

    private static GpuSetting setting(int parallel, int prompt) {
        return GpuSetting.of(LARGE, parallel, prompt, 128);
    }

    private static Figures engine(double decode, double p95, long deviceBytes, int kvBytes, String more) {
        return new Figures(JsonText.object("""
                {"prefill_tokens_per_second": 10000.0, "decode_tokens_per_second": %s, "total_tokens_per_second": %s,
                 "itl_ms": {"median": 1.0, "p95": %s, "p99": 90.0}, "kv_bytes_per_token": %d, "step_bytes": 4000000000,
                 "step_ms": {"all": 5.5, "decode": 4.25, "sampling": 1.0, "rest": 0.25, "steps": 9},
                 "device_memory_peak_bytes": {"CUDA0": %d}%s}""".formatted(decode, decode * 2, p95, kvBytes, deviceBytes, more)));
    }

    private static GpuRun run(GpuSetting setting, double decode, double peer, double p95, long deviceBytes) {
        int kvBytes = setting.cache() == KvCacheType.F16 ? 1000 : 531;
        return GpuRun.of(setting)
                .withEngine(engine(decode, p95, deviceBytes, kvBytes, ""), null)
                .withPeer(new Figures(JsonText.object(
                        "{\"prefill_tokens_per_second\": 9000.0, \"decode_tokens_per_second\": %s, \"way\": \"a\"}"
                                .formatted(peer))));
    }

    @Test
    void aimsThatCanBeToldAreToldWithTheSettingsTheyStandOnAndOthersNot() {
        GpuRun good = run(setting(64, 128), 1000, 1000, 40, 1 << 30);
        GpuRun slow = run(setting(8, 128), 970, 1000, 13, 1 << 30);
        GpuRun longer = run(setting(8, 1024), 990, 1000, 11, 1 << 30);
        GpuRun service = run(setting(32, 896), 1000, 1000, 10, 11_900_000_000L);
        String text = new Aims(List.of(good, slow, longer, service, GpuRun.of(setting(1, 128)))).text();
        assertThat(text)
                .contains("the least ratio, 0.99 or more: 0.970, **missed** (4 of 5 settings)")
                .contains(
                        "at 64 sequences, prompts of 128 tokens, the highest p95 of inter-token times, under 50 ms: 40.0")
                .contains(
                        "1 to 8 sequences, prompts of 128 tokens, the highest p95 of inter-token times, under 12 ms: 13.000,"
                                + " **missed** (1 of 2 settings)")
                .contains(
                        "prompts of 1024 tokens, the highest p95 of inter-token times, under 12 ms: 11.000, reached (1 of 1")
                .contains("GB (1e9 bytes) of the card, 12 or less: 11.900, reached")
                .doesNotContain("1.5B")
                .doesNotContain("q8_0");
    }

    @Test
    void whatTheDriverTellsOfTheCardsMemoryCounts() {
        GpuRun service = GpuRun.of(setting(32, 896))
                .withEngine(engine(1000, 1, 11_900_000_000L, 1000, ", \"card_memory_peak_bytes\": 12400000000"), null);
        assertThat(new Aims(List.of(service)).text()).contains("12 or less: 12.400, **missed**");
    }

    @Test
    void whatIsVariedForComparisonIsNoAim() {
        GpuRun varied = run(setting(64, 128).withVariant(Variant.DEVICE_SAMPLING), 500, 1000, 80, 0);
        GpuRun copies = run(setting(64, 128).withCopies(2), 9e9, 1000, 80, 0);
        assertThat(new Aims(List.of(varied, copies)).text()).isEmpty();
    }

    @Test
    void aSmallerCacheIsComparedWithTheUsualOneOfTheSameSetting() {
        GpuRun usual = run(setting(64, 1024), 1000, 1000, 40, 0);
        GpuRun small = run(setting(64, 1024).withCache(KvCacheType.Q8_0), 880, 900, 40, 0);
        GpuRun other = run(setting(8, 1024), 100, 100, 40, 0);
        assertThat(new Aims(List.of(other, usual, small)).text())
                .contains("size, 0.55 or less: 0.531, reached (some-7b Q4_K_M, 64 x (1024 + 128), KV cache Q8_0)")
                .contains("speed of decode, 0.9 or more: 0.880, **missed**");
    }

    @Test
    void bothReportsHaveTheFiguresAndWhatWasNotMeasured() {
        GpuRun run = run(setting(8, 128), 1600, 1000, 5, 2 << 20);
        GpuRun failed =
                GpuRun.of(setting(9, 128)).withEngine(null, "no\ntime was left").withPeerFault("it hung");
        String text = new RunText(MACHINE, List.of(run, failed)).text();
        // 200 steps a second, of 4 GB each, against 4 TB a second.
        assertThat(text)
                .contains("- date: today")
                .containsPattern(
                        "\\| +some-7b \\| +Q4_K_M \\| +f16 \\| +8 \\| +128 \\| +1,600.0 \\| +1,000.0 \\| +1.600 \\|")
                .containsPattern("0.20 \\|\\n")
                .containsPattern("5.500 \\| +4.250 \\| +1.000 \\| +0.250 \\|\\n")
                .contains("- some-7b Q4_K_M, 9 x (128 + 128): no time was left")
                .contains("- some-7b Q4_K_M, 9 x (128 + 128): it hung");
        assertThat(Json.write(run.fields(MACHINE)))
                .contains("\"decode_ratio\": 1.6", "\"read_gb_per_second\": 800.0", "\"memory_speed_share\": 0.2")
                .contains("\"CUDA0\": 2097152");
        assertThat(Json.write(failed.fields(MACHINE)))
                .contains("\"engine\": null", "\"decode_ratio\": null", "\"fault\": \"no\\ntime was left\"");
    }

    @Test
    void aRunIsReadAsItWasWrittenButForItsFaults() {
        GpuRun run = run(setting(8, 128).withVariant(Variant.BATCH_512), 1600, 1000, 5, 1);
        GpuRun faulty = run.withEngine(run.engine(), "x");
        GpuRun read = GpuRun.of(JsonText.object(Json.write(faulty.fields(MACHINE))));
        assertThat(Json.write(read.fields(MACHINE))).isEqualTo(Json.write(run.fields(MACHINE)));
        assertThat(read.setting()).isEqualTo(run.setting());
        assertThat(read.lacksEngine()).isFalse();
    }

    @Test
    void choicesAreHeldAgainstTheDefaultAndDevicesAgainstOne() {
        GpuRun usual = run(setting(64, 128), 1000, 1000, 40, 0);
        GpuRun varied = run(setting(64, 128).withVariant(Variant.DEVICE_SAMPLING), 1100, 1, 30, 0);
        GpuRun two = run(setting(64, 128).withCopies(2), 1900, 1, 45, 0);
        String text = new RunText(MACHINE, List.of(usual, varied, two)).text();
        assertThat(text.substring(text.indexOf("## Tuning"), text.indexOf("## Scaling")))
                .containsPattern(
                        "tokens chosen on the device \\| +1,100.0 \\| +1.100 \\| +2,200 \\| +1.100 \\| +30.00 \\| +40.00");
        assertThat(text.substring(text.indexOf("## Scaling")))
                .containsPattern("\\| +1 \\| +2,000 \\| +1.00 \\| +1.000 \\|")
                .containsPattern("\\| +2 \\| +3,800 \\| +1.90 \\| +0.950 \\|");
    }

    @Test
    void wattsAndTokensPerJouleAreToldWhereACardWasWatched() {
        GpuRun watched = GpuRun.of(setting(8, 128))
                .withEngine(engine(1, 1, 0, 1, ", \"watts\": 320.4, \"tokens_per_joule\": 0.2"), null);
        assertThat(new RunText(MACHINE, List.of(watched)).text())
                .containsPattern("W \\| +tokens/J \\|\\n")
                .containsPattern("320 \\| +0.20 \\|\\n");
        assertThat(new RunText(MACHINE, List.of(run(setting(8, 128), 1, 1, 1, 0))).text())
                .doesNotContain("tokens/J", "| W |");
    }

    @Test
    void whatWasMeasuredBeforeTheTimeWasOverStaysAndIsMeasuredAgain() {
        Figures cut = new Figures(
                JsonText.object(
                        "{\"decode_tokens_per_second\": 1600.0, \"total_tokens_per_second\": null, \"step_bytes\": 4000000000}"));
        GpuRun run = GpuRun.of(setting(8, 128)).withEngine(cut, "the engine: the time was over");
        assertThat(new RunText(MACHINE, List.of(run)).text())
                .containsPattern("\\| +1,600.0 \\| +- \\|")
                .contains("128): the engine: the time was over");
        assertThat(run.lacksEngine()).isTrue();
        assertThat(run.ended().fault()).isEqualTo("the engine: the time was over");
    }
}
