package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.KvCacheType;
import io.github.panllama.bench.gpu.GpuRun.Peer;
import io.github.panllama.bench.gpu.GpuSetting.Room;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that does not end, in the place of llama-batched-bench. */
class PeerProgramTest {
    private static final Duration SHORT = Duration.ofMillis(500);

    @TempDir
    private Path folder;

    private final Faults faults = new Faults();

    private @Nullable Peer measure(String script, Duration limit, Deadline end) throws IOException {
        Path program = Files.writeString(folder.resolve(PeerProgram.NAME), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        BenchModel model = new BenchModel("some", "Q8_0", () -> folder);
        GpuSetting setting = new GpuSetting(model, 4, 16, 16, KvCacheType.F16, Room.SIZED);
        return new PeerProgram(folder, true, limit).measure(folder.resolve("some.gguf"), setting, null, end, faults);
    }

    @Test
    void aProgramThatHangsIsEndedAndThatIsAFault() throws IOException {
        assertThat(measure("exec sleep 100", SHORT, Deadline.never())).isNull();
        assertThat(faults.text())
                .isEqualTo("1 thread, FA on, KV split: llama-batched-bench told no speed within 0.5 s and was ended");
        assertThat(faults.hasFailed()).isTrue();
        assertThat(ProcessHandle.current().children()).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void whatItToldBeforeItWasEndedCounts() throws IOException {
        String line = "{\"pl\": 4, \"speed_pp\": 90.5, \"t_tg\": 1, \"speed_tg\": 12.25, \"speed\": 30.0}";
        Peer peer = measure("echo '" + line + "'\nexec sleep 100", SHORT, Deadline.never());
        assertThat(peer).isNotNull().extracting(each -> each.speeds().decode()).isEqualTo(12.25);
        assertThat(faults.text()).isNull();
    }

    @Test
    void theEndOfAllTimeEndsItTooAndIsNoFailure() throws IOException {
        assertThat(measure("exec sleep 100", Duration.ofHours(1), Deadline.in(SHORT)))
                .isNull();
        assertThat(faults.text()).isEqualTo("llama-batched-bench, 1 thread, FA on, KV split: the time was over");
        assertThat(faults.hasFailed()).isFalse();
    }

    @Test
    void aProgramThatFailsIsToldWithItsWords() {
        assertThatThrownBy(() -> measure("echo no such thing >&2; exit 3", Duration.ofHours(1), Deadline.never()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended with 3")
                .hasMessageContaining("no such thing");
    }
}
