package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuBenchTest {
    @TempDir
    private Path folder;

    private int run(String... more) {
        String[] arguments = new String[more.length + 4];
        arguments[0] = "--output";
        arguments[1] = folder.resolve("results").toString();
        arguments[2] = "--models";
        arguments[3] = folder.resolve("models").toString();
        System.arraycopy(more, 0, arguments, 4, more.length);
        return GpuBench.run(arguments);
    }

    private String result(String name) throws IOException {
        return Files.readString(folder.resolve("results").resolve(name));
    }

    @Test
    void theEngineIsMeasuredOnTheCpuAndBothFilesAreWritten() throws IOException {
        assertThat(run("--cpu", "--quick", "--parallel", "2")).isZero();
        assertThat(result("bench.json"))
                .contains("\"command\": \"run bench --output")
                .contains("\"model\": \"tiny-dense\"", "\"model\": \"tiny-experts\"", "\"generate_tokens\": 16")
                .contains("\"engine\": {\"prefill_tokens_per_second\": ", "\"device_memory_peak_bytes\": {}")
                .doesNotContain("\"fault\": \"");
        assertThat(result("bench.md")).contains("| tiny-experts |").doesNotContain("## Aims", "## Not measured");
        assertThat(folder.resolve("results")).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void withoutTimeEverySettingIsListedAndNoneIsBegun() throws IOException {
        assertThat(run("--cpu", "--minutes", "0")).isZero();
        assertThat(result("bench.md")).contains("tiny-dense Q8_0, 32 x (128 + 128): no time was left");
        assertThat(folder.resolve("models")).doesNotExist();
    }

    @Test
    void aModelThatIsNoneIsToldAndTheOthersAreMeasured() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.gguf"), "no model");
        Path good = BenchModels.tiny(folder).getFirst().file().get();
        assertThat(run("--cpu", "--quick", "--parallel", "1", "--model", bad.toString(), "--model", good.toString()))
                .isEqualTo(1);
        assertThat(result("bench.md"))
                .contains("- bad file, 1 x (16 + 16): the model: ")
                .contains("| tiny-dense | Q8_0 |");
    }

    @Test
    void wrongUsageAndAMissingGpuAreToldByTheExitCode() {
        assertThat(run("--cpu", "--parallel", "257")).isEqualTo(2);
        assertThat(run("--cpu", "--prompt-tokens", "0")).isEqualTo(2);
        assertThat(run("--no-such-option")).isEqualTo(2);
        if (Device.gpus().isEmpty()) {
            assertThat(run()).isEqualTo(1);
        }
        assertThat(folder.resolve("results")).doesNotExist();
    }
}
