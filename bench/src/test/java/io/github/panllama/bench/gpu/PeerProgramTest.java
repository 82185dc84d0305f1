package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bench.PeerSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that hang and fail, in the place of llama-batched-bench. */
class PeerProgramTest {
    private static final Duration SHORT = Duration.ofMillis(700);
    private static final Duration LONG = Duration.ofHours(1);
    private static final PeerSetting WAY = new PeerSetting(1, true, false);

    @TempDir
    private Path folder;

    private final Map<Integer, Double> decode = new LinkedHashMap<>();
    private final Map<Integer, String> faults = new LinkedHashMap<>();

    /** Whether something has failed, with a program that is a script, for so many sequences each. */
    private boolean measure(String script, Duration limit, Deadline end, Integer... counts) throws IOException {
        Path program = Files.writeString(folder.resolve(PeerProgram.NAME), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        BenchModel model = new BenchModel("some", "Q8_0", () -> folder);
        PeerProgram peer = new PeerProgram(
                folder, List.of(folder), null, folder.resolve("log"), limit, (setting, figures, fault) -> {
                    if (figures != null) {
                        decode.put(setting.parallel(), figures.number("decode_tokens_per_second"));
                    }
                    if (fault != null) {
                        faults.put(setting.parallel(), fault);
                    }
                });
        List<GpuSetting> settings = List.of(counts).stream()
                .map(count -> GpuSetting.of(model, count, 16, 16))
                .toList();
        return peer.measure(folder.resolve("some.gguf"), settings, WAY, end);
    }

    private static String line(int count) {
        return "echo '{\"pl\": %d, \"speed_pp\": 90.5, \"t_tg\": 1, \"speed_tg\": 12.25, \"speed\": 30.0}'\n"
                .formatted(count);
    }

    @Test
    void oneProcessMeasuresAllNumbersOfSequencesSmallOnesMoreOften() throws IOException {
        String script = "echo \"$@\" >>arguments\n" + line(16) + line(64);
        assertThat(measure(script, LONG, Deadline.never(), 16, 64)).isFalse();
        assertThat(decode).isEqualTo(Map.of(16, 12.25, 64, 12.25));
        assertThat(Files.readString(folder.resolve("arguments")))
                .contains("--ctx-size 2048 -npp 16 -ntg 16 -npl 16,64,1 ", "--device none")
                .hasLineCount(1);
        measure("echo \"$@\" >>arguments\n" + line(1), LONG, Deadline.never(), 1);
        assertThat(Files.readString(folder.resolve("arguments"))).contains("-npl 1,1,1,1 ");
    }

    @Test
    void aProgramThatHangsIsEndedAndThatIsAFault() throws IOException {
        assertThat(measure("exec sleep 100", SHORT, Deadline.never(), 4)).isTrue();
        assertThat(decode).isEmpty();
        assertThat(faults)
                .isEqualTo(Map.of(
                        4, "llama-batched-bench, 1 thread, FA on, KV split: told no speed within 0.7 s and was ended"));
        assertThat(ProcessHandle.current().children()).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void whatItToldBeforeItWasEndedCounts() throws IOException {
        assertThat(measure(line(4) + "exec sleep 100", SHORT, Deadline.never(), 4, 8))
                .isTrue();
        assertThat(decode).containsOnlyKeys(4);
        assertThat(faults).containsOnlyKeys(8);
    }

    @Test
    void theEndOfAllTimeEndsItTooAndIsNoFailure() throws IOException {
        assertThat(measure("exec sleep 100", LONG, Deadline.in(SHORT), 4)).isFalse();
        assertThat(faults).isEqualTo(Map.of(4, "llama-batched-bench, 1 thread, FA on, KV split: the time was over"));
    }

    @Test
    void whatFailsWithManySequencesIsTriedWithFewer() throws IOException {
        String script = "case \"$*\" in *256*) echo no memory >&2; exit 3;; esac\n" + line(16) + line(64);
        assertThat(measure(script, LONG, Deadline.never(), 16, 256, 64)).isTrue();
        assertThat(decode).containsOnlyKeys(16, 64);
        assertThat(faults).containsOnlyKeys(256);
        assertThat(faults.get(256)).contains("ended with 3", "no memory");
    }

    @Test
    void ofWhatItSaidTheReportHasTheLastWordsAndTheLogHasAll() throws IOException {
        String script = "for i in $(seq 1 900); do echo line $i; done >&2\n"
                + "echo 'CUDA error: out of memory' >&2; echo a stack >&2; kill -ABRT $$";
        assertThat(measure(script, LONG, Deadline.never(), 4)).isTrue();
        assertThat(faults)
                .isEqualTo(
                        Map.of(
                                4,
                                "llama-batched-bench, 1 thread, FA on, KV split: ended with 134: line 899 | line 900 | CUDA error: out of memory | a stack"));
        assertThat(folder.resolve("log")).content().hasLineCount(902);
    }

    @Test
    void whatFailsAfterSomeNumbersCostsOneOfThem() throws IOException {
        String script = "case \"$*\" in *\"-npl 16,32\"*) " + line(16) + "exit 3;; esac\n" + line(64);
        assertThat(measure(script, LONG, Deadline.never(), 16, 32, 64)).isTrue();
        assertThat(decode).containsOnlyKeys(16, 64);
        assertThat(faults).containsOnlyKeys(32);
    }
}
