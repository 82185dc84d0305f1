package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Device;
import io.github.panllama.Llama;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    @Test
    void saysWhatWasLoadedAndTheCpuVariant() {
        CommandRun run = CommandRun.of("doctor");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsPattern("(?m)^CPU variant +" + Llama.cpuVariant().orElseThrow() + "$")
                .contains(Llama.release())
                .contains(System.getProperty("java.version"))
                .contains("Libraries")
                .contains("Devices")
                .contains("Engine");
    }

    @Test
    void jsonHasTheDocumentedFields() {
        Map<String, Object> json =
                JsonReader.readObject(CommandRun.of("doctor", "--json").out());
        assertThat(json)
                .containsOnlyKeys(
                        "panllama",
                        "java",
                        "system",
                        "nvidia",
                        "error",
                        "llama_cpp",
                        "platform",
                        "cpu_variant",
                        "system_info",
                        "libraries",
                        "devices",
                        "unavailable",
                        "engine")
                .containsEntry("cpu_variant", Llama.cpuVariant().orElseThrow())
                .containsEntry("llama_cpp", Map.of("release", Llama.release(), "version", Llama.version()));
        assertThat((List<?>) json.get("libraries")).hasSameSizeAs(Llama.libraries());
        assertThat((List<?>) json.get("devices")).isNotEmpty();
        assertThat((List<?>) json.get("unavailable")).hasSameSizeAs(Llama.unavailable());
        assertThat((Map<?, ?>) json.get("engine"))
                .extracting(Map::keySet)
                .asInstanceOf(InstanceOfAssertFactories.collection(Object.class))
                .containsExactlyInAnyOrder(
                        "threads", "batch_threads", "flash_attention", "unified_kv_cache", "source", "trials");
    }

    @Test
    void aRequiredGpuThatIsNotThereFailsAfterTheReport() {
        CommandRun run = CommandRun.of("doctor", "--require-gpu");
        assertThat(run.out()).contains("Devices");
        if (Device.gpus().isEmpty()) {
            assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE);
            assertThat(run.err()).contains("A GPU is required and none is usable");
        } else {
            assertThat(run.exitCode()).as(run.err()).isZero();
        }
    }

    @Test
    void aModelThatCannotBeLoadedIsNamed() {
        CommandRun run = CommandRun.of("doctor", "--model", "none.gguf");
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.err()).contains("none.gguf").doesNotContain("llama.cpp cannot be loaded");
    }
}
