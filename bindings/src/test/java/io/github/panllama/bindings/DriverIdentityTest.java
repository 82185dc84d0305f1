package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DriverIdentityTest {
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
