package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import io.github.panllama.bench.gpu.GpuSetting.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As on a GPU, with a script in the place of llama-batched-bench that tells a speed for each number of sequences. */
class PeerBlockTest {
    private static final BenchModel MODEL = new BenchModel("some", "Q8_0", () -> Path.of("x"));
    private static final String SCRIPT = """
            #!/bin/sh
            echo "$@" >>arguments
            speed=10
            case "$*" in *--kv-unified*) speed=11;; esac
            while [ "$1" != -npl ]; do shift; done
            for count in $(echo "$2" | tr , ' '); do
                echo "{\\"pl\\": $count, \\"speed_pp\\": 1.0, \\"x\\": 1, \\"speed_tg\\": $speed.0, \\"speed\\": 1.0}"
            done
            """;

    @TempDir
    private Path folder;

    private GpuReport report;
    private PeerBlock block;

    @BeforeEach
    void write() throws IOException {
        Path script = Files.writeString(folder.resolve(PeerProgram.NAME), SCRIPT);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        report = new GpuReport(folder, new GpuMachine(Map.of(), OptionalDouble.empty(), true));
        PeerProgram program = new PeerProgram(
                folder,
                List.of(folder),
                "CUDA1",
                folder.resolve("log"),
                Duration.ofMinutes(1),
                (setting, figures, _) -> report.put(report.run(setting).withPeer(Objects.requireNonNull(figures))));
        block = new PeerBlock(program, report, true, Deadline.never());
    }

    private void measured(GpuSetting setting, boolean unified) throws IOException {
        Figures engine = new Figures(Map.of(
                "total_tokens_per_second", 1.0, "threads", 7L, "flash_attention", true, "unified_kv_cache", unified));
        report.put(report.run(setting).withEngine(engine, null));
    }

    private List<String> runs() throws IOException {
        return Files.readAllLines(folder.resolve("arguments"));
    }

    private double decode(GpuSetting setting) {
        return Objects.requireNonNull(report.run(setting).peer()).number("decode_tokens_per_second");
    }

    @Test
    void oneProcessMeasuresAllOfThePlanWithTheSamePromptsAndNoMoreSequencesAndNoneDoesItAgain() throws IOException {
        GpuSetting first = GpuSetting.of(MODEL, 64, 16, 16);
        GpuSetting later = GpuSetting.of(MODEL, 32, 16, 16);
        GpuSetting larger = GpuSetting.of(MODEL, 256, 16, 16);
        GpuSetting longer = GpuSetting.of(MODEL, 64, 99, 16);
        GpuSetting cache = first.withCache(KvCacheType.Q8_0);
        GpuSetting varied = first.withVariant(Variant.DEVICE_SAMPLING);
        List<GpuSetting> plan = List.of(first, varied, longer, cache, later, larger, first.withCopies(2));
        measured(first, false);
        assertThat(block.measure(Path.of("m"), List.of(first, varied), plan)).isFalse();
        assertThat(runs())
                .singleElement()
                .asString()
                .contains("-npp 16 -ntg 16 -npl 64,32,1 ", "--device CUDA1", "--flash-attn on", "--no-kv-unified");
        assertThat(decode(later)).isEqualTo(10);
        assertThat(report.run(longer).peer()).isNull();
        assertThat(report.run(varied).peer()).isNull();

        measured(later, false);
        block.measure(Path.of("m"), List.of(later), plan);
        assertThat(runs()).hasSize(1);
        block.measure(Path.of("m"), List.of(cache, longer), plan);
        assertThat(runs()).hasSize(3).last().asString().contains("-npp 99");
        assertThat(runs().get(1)).doesNotContain("-npp 99").contains("--cache-type-k q8_0");

        assertThat(report.run(larger).peer()).isNull();
        measured(larger, false);
        block.measure(Path.of("m"), List.of(first, larger), plan);
        assertThat(runs()).hasSize(4).last().asString().contains("-npp 16 -ntg 16 -npl 256,1 ");
    }

    @Test
    void whereTheEngineComputesInAnotherWayThatIsMeasuredTooAndTheBetterCounts() throws IOException {
        GpuSetting sized = GpuSetting.of(MODEL, 64, 16, 16);
        GpuSetting own = sized.withRoom(Room.DEFAULT);
        measured(sized, false);
        measured(own, true);
        block.measure(Path.of("m"), List.of(sized, own), List.of(sized, own));
        assertThat(runs()).hasSize(2).last().asString().contains(" --kv-unified", "--threads 1");
        assertThat(decode(sized)).isEqualTo(10);
        assertThat(decode(own)).isEqualTo(11);
    }
}
