package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlLocatorTest {
    private static final Platform LINUX = new Platform("linux", "x86_64");
    private static final Platform WINDOWS = new Platform("windows", "x86_64");

    @TempDir
    Path folder;

    @Test
    void theSystemsOwnPathComesFirst() {
        assertThat(NvmlLocator.candidates("", Map.of(), LINUX)).startsWith("libnvidia-ml.so.1");
        assertThat(NvmlLocator.candidates("", Map.of(), WINDOWS)).startsWith("nvml.dll");
    }

    @Test
    void whatIsNamedIsTheOnlyOne() {
        String file = folder.resolve("mine.so").toString();
        assertThat(NvmlLocator.candidates(file, Map.of("PANLLAMA_NVML_PATH", "/elsewhere"), LINUX))
                .containsExactly(file);
        assertThat(NvmlLocator.candidates("", Map.of("PANLLAMA_NVML_PATH", file), LINUX))
                .containsExactly(file);
        assertThat(NvmlLocator.candidates(folder.toString(), Map.of(), LINUX))
                .as("a folder has it by its name")
                .containsExactly(folder.resolve("libnvidia-ml.so.1").toString());
        assertThat(NvmlLocator.candidates("no\0path", Map.of(), LINUX)).containsExactly("no\0path");
    }

    @Test
    void aFaultSaysWhereItWasLookedForAndTheWayOut() {
        assertThat(NvmlLocator.fault(List.of("libnvidia-ml.so.1"), Map.of(), LINUX))
                .contains(
                        "libnvidia-ml.so.1 was not found",
                        "/usr/lib/wsl/lib",
                        "no NVIDIA driver",
                        "-Dpanllama.nvml.path",
                        "PANLLAMA_NVML_PATH");
        assertThat(NvmlLocator.fault(List.of("libnvidia-ml.so.1", "/a/b.so"), Map.of(), LINUX))
                .contains("/a/b.so cannot be opened");
        assertThat(NvmlLocator.fault(List.of("nvml.dll"), Map.of("ProgramFiles", "D:\\P"), WINDOWS))
                .contains("nvml.dll", "D:\\P\\NVIDIA Corporation\\NVSMI");
    }
}
