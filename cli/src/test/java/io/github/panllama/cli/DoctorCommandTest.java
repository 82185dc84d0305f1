package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Llama;
import java.util.List;
import java.util.Map;
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
                .contains("Devices");
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
                        "error",
                        "llama_cpp",
                        "platform",
                        "cpu_variant",
                        "system_info",
                        "libraries",
                        "devices",
                        "unavailable")
                .containsEntry("cpu_variant", Llama.cpuVariant().orElseThrow())
                .containsEntry("llama_cpp", Map.of("release", Llama.release(), "version", Llama.version()));
        assertThat((List<?>) json.get("libraries")).hasSameSizeAs(Llama.libraries());
        assertThat((List<?>) json.get("devices")).isNotEmpty();
        assertThat((List<?>) json.get("unavailable")).hasSameSizeAs(Llama.unavailable());
    }
}
