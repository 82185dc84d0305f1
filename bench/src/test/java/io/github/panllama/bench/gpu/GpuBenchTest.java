package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.List;
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
                .contains("\"step_ms\": {\"all\": ", "\"library_folders\": [")
                .doesNotContain("fault\": \"");
        assertThat(result("bench.md"))
                .contains("| tiny-experts |", "## Where the time of a step goes")
                .doesNotContain("## Aims", "## Not measured", "## Tuning", "## Scaling");
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
        assertThat(run("--cpu", "--minutes", "0.1", "--parallel", "8,32", "--generate-tokens", "12000"))
                .isZero();
        assertThat(result("bench.md"))
                .contains("- tiny-dense Q8_0, 8 x (128 + 12000): ", ": the time was over")
                .contains("- tiny-dense Q8_0, 32 x (128 + 12000): no time was left")
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
                .contains("- deepseek-r1-distill-qwen-1.5b Q8_0, 1 x")
                .doesNotContain("Q4_K_M", "7b", "lite");
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
    void aRunThatIsGoneOnWithMeasuresWhatIsMissingAndKeepsTheRest() throws IOException {
        assertThat(run("--cpu", "--quick", "--parallel", "1")).isZero();
        List<String> before = runs();
        assertThat(before).hasSize(2);
        assertThat(run("--cpu", "--quick", "--parallel", "1,3", "--resume")).isZero();
        assertThat(runs()).hasSize(4).containsAll(before);
        assertThat(run("--cpu", "--minutes", "0", "--quick", "--parallel", "1,3", "--resume"))
                .isZero();
        assertThat(runs()).hasSize(4).containsAll(before);
        assertThat(result("bench.md")).doesNotContain("no time was left");
    }

    /** Those of the report, as they are written. */
    private List<String> runs() throws IOException {
        return result("bench.json")
                .lines()
                .filter(line -> line.startsWith("{\"model\""))
                .map(line -> line.replaceFirst("[,\\]}]+ ?$", ""))
                .toList();
    }

    @Test
    void aReportOfAnotherMachineOrThatIsDamagedIsNotGoneOnWith() throws IOException {
        assertThat(run("--cpu", "--minutes", "0")).isZero();
        Path report = folder.resolve("results").resolve("bench.json");
        String whole = result("bench.json");
        Files.writeString(report, whole.replaceFirst("\"llama_cpp\": \"", "\"llama_cpp\": \"b1-"));
        assertThat(run("--cpu", "--minutes", "0", "--resume")).isEqualTo(1);
        Files.writeString(report, whole.substring(0, whole.length() / 2));
        assertThat(run("--cpu", "--minutes", "0", "--resume")).isEqualTo(1);
        assertThat(report).hasContent(whole.substring(0, whole.length() / 2));
    }

    @Test
    void aProcessThatIsKilledIsToldAndTheOthersAreMeasured() throws Exception {
        Path results = Files.createDirectory(folder.resolve("results"));
        Thread killer;
        try (WatchService watch = results.getFileSystem().newWatchService()) {
            results.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            killer = Thread.ofPlatform().start(() -> killAfterTheFirstResult(watch));
            assertThat(run("--cpu", "--quick", "--parallel", "2,3,4", "--generate-tokens", "300"))
                    .isEqualTo(1);
            killer.join();
        }
        assertThat(result("bench.md"))
                .contains("- tiny-experts Q8_0, 3 x (16 + 300): the engine: its process was ended by SIGKILL")
                .containsOnlyOnce("its process was ended");
        assertThat(runs())
                .filteredOn(run -> run.contains("\"engine\": {"))
                .hasSize(5)
                .noneMatch(run -> run.contains("tiny-experts") && run.contains("\"parallel\": 3"));
        assertThat(folder.resolve("models")).isEmptyDirectory();
    }

    private void killAfterTheFirstResult(WatchService watch) {
        try {
            Path report = folder.resolve("results").resolve("bench.json");
            while (!Files.exists(report) || !Files.readString(report).contains("\"engine\": {")) {
                watch.take().reset();
            }
            ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void choicesOfTheEngineAndScalingHaveTablesOfTheirOwn() throws IOException {
        assertThat(run("--cpu", "--quick", "--parallel", "2", "--sections", "TUNING,SCALING"))
                .isZero();
        assertThat(result("bench.md"))
                .contains("## Tuning", "tokens chosen on the device", "256 tokens a step", "no CUDA graphs")
                .contains("## Scaling over devices")
                .doesNotContain("## Not measured");
        assertThat(result("bench.json"))
                .contains("\"variant\": \"batch_1024\", \"copies\": 1", "\"variant\": \"none\", \"copies\": 2");
    }

    @Test
    void modelsStayWhereThatIsAskedForAndTheNextRunDeletesThem() throws IOException {
        assertThat(run("--cpu", "--quick", "--parallel", "1", "--keep-models")).isZero();
        assertThat(folder.resolve("models").resolve("tiny-dense-Q8_0.gguf")).isRegularFile();
        assertThat(run("--cpu", "--quick", "--parallel", "1")).isZero();
        assertThat(folder.resolve("models")).isEmptyDirectory();
    }

    @Test
    void wrongUsageAndAMissingGpuAreToldByTheExitCode() {
        assertThat(run("--cpu", "--parallel", "257")).isEqualTo(2);
        assertThat(run("--cpu", "--prompt-tokens", "0")).isEqualTo(2);
        assertThat(run("--cpu", "--minutes", "-1")).isEqualTo(2);
        assertThat(run("--cpu", "--memory-speed", "0")).isEqualTo(2);
        assertThat(run("--cpu", "--memory-speed", "-5")).isEqualTo(2);
        assertThat(run("--cpu", "--sections", "NONE")).isEqualTo(2);
        assertThat(run("--cpu", "--presets", "gpt-9")).isEqualTo(2);
        assertThat(run("--cpu", "--types", "IQ1_S")).isEqualTo(2);
        assertThat(run("--no-such-option")).isEqualTo(2);
        if (Device.gpus().isEmpty()) {
            assertThat(run()).isEqualTo(1);
        }
        assertThat(folder.resolve("results")).doesNotExist();
    }
}
