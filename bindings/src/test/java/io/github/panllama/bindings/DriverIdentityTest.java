package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DriverIdentityTest {
    @TempDir
    private Path root;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "usr/lib/libcuda.so.1",
                "usr/lib/x86_64-linux-gnu/libcuda.so.1",
                "usr/lib64/libcuda.so.1",
                "usr/local/nvidia/lib/libcuda.so.1",
                "usr/local/nvidia/lib64/libcuda.so.1",
                "usr/local/cuda-13.1/compat/libcuda.so.1"
            })
    void driverThatIsReplacedIsAnother(String name) throws IOException {
        String none = DriverIdentity.of(root);
        Path library = root.resolve(name);
        Files.createDirectories(library.getParent());
        Files.writeString(library, "580");
        String first = DriverIdentity.of(root);
        assertThat(first).isNotEqualTo(none).contains(library.toString());
        assertThat(DriverIdentity.of(root)).isEqualTo(first);
        Files.writeString(library, "590.1");
        assertThat(DriverIdentity.of(root)).isNotEqualTo(first);
    }

    @Test
    void whereCudaIsLookedForIsPartOfIt() {
        Map<String, String> places = Map.of(
                "CUDA_PATH", "/opt/cuda",
                "PANLLAMA_CUDA_PATH", "/opt/own",
                "VIRTUAL_ENV", "/home/me/venv",
                "CONDA_PREFIX", "/opt/conda",
                "PYTHONPATH", "/opt/packages");
        assertThat(DriverIdentity.choices(places)).isEqualTo(places);
        assertThat(DriverIdentity.choices(Map.of("EDITOR", "vi", "HOME", "/home/me")))
                .isEmpty();
    }
}
