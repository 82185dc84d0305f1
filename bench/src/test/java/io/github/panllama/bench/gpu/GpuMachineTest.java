package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GpuMachineTest {
    private static GpuMachine machine(String card) {
        return GpuMachine.of(
                List.of("run", "bench"),
                new Figures(Map.of("cards", List.of(card), "device_names", List.of("CUDA0"), "most_sequences", 256L)),
                null);
    }

    @Test
    void theSpeedOfAnUnknownCardsMemoryIsNotSaidToBeItsMakers() {
        assertThat(machine("NVIDIA H200").facts())
                .containsEntry("memory_gb_per_second", 4800L)
                .containsEntry("memory_speed_is", "what the card's maker tells");
        assertThat(machine("NVIDIA Z900").facts())
                .containsEntry("memory_gb_per_second", "unknown")
                .containsEntry("memory_speed_is", "not known of this card: --memory-speed GB/S tells it")
                .doesNotContainKey("most_sequences");
    }
}
