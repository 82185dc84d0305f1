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
        assertThat(folder.resolve("models")).isEmptyDirectory();
    }

    @Test
    void withoutTimeEverySettingIsListedAndNoneIsBegun() throws IOException {
        assertThat(run("--cpu", "--minutes", "0")).isZero();
        assertThat(result("bench.md")).contains("tiny-dense Q8_0, 32 x (128 + 128): no time was left");
        assertThat(folder.resolve("models")).doesNotExist();
    }

    @Test
    void aSettingThatHasBegunIsEndedWhenTheTimeIsOver() throws IOException {
        assertThat(run("--cpu", "--minutes", "0.05", "--parallel", "8,32", "--generate-tokens", "12000"))
                .isZero();
        assertThat(result("bench.md"))
                .contains("- tiny-dense Q8_0, 8 x (128 + 12000): ", ": the time was over")
                .contains("- tiny-experts Q8_0, 32 x (128 + 12000): no time was left");
        assertThat(folder.resolve("models")).isEmptyDirectory();
    }

    @Test
    void presetsAreMeasuredInEveryTypeAndQuicklyOneInOne() throws IOException {
        assertThat(run("--cpu", "--minutes", "0", "--presets", "deepseek-v2-lite,deepseek-r1-distill-qwen-7b"))
                .isZero();
        assertThat(result("bench.md"))
                .contains("- deepseek-v2-lite Q4_K_M, 1 x", "- deepseek-v2-lite Q8_0, 1 x")
                .contains("- deepseek-r1-distill-qwen-7b Q4_K_M, 1 x", "- deepseek-r1-distill-qwen-7b Q8_0, 1 x");
        assertThat(run("--cpu", "--minutes", "0", "--quick", "--types", "Q8_0")).isZero();
        assertThat(result("bench.md"))
                .contains("- deepseek-r1-distill-qwen-7b Q8_0, 1 x")
                .doesNotContain("Q4_K_M", "1.5b", "lite");
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
        assertThat(run("--cpu", "--minutes", "-1")).isEqualTo(2);
        assertThat(run("--cpu", "--presets", "gpt-9")).isEqualTo(2);
        assertThat(run("--cpu", "--types", "IQ1_S")).isEqualTo(2);
        assertThat(run("--no-such-option")).isEqualTo(2);
        if (Device.gpus().isEmpty()) {
            assertThat(run()).isEqualTo(1);
        }
        assertThat(folder.resolve("results")).doesNotExist();
    }
}
