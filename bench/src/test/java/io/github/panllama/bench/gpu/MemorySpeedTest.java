package io.github.panllama.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemorySpeedTest {
    @ParameterizedTest
    @CsvSource({
        "NVIDIA H200, 4.8e12",
        "NVIDIA H100 80GB HBM3, 3.35e12",
        "NVIDIA H100 PCIe, 2.0e12",
        "NVIDIA A100-SXM4-80GB, 2.039e12",
        "NVIDIA A100 80GB PCIe, 1.935e12",
        "NVIDIA A100-PCIE-40GB, 1.555e12",
        "NVIDIA L40S, 0.864e12",
        "NVIDIA L4, 0.3e12",
        "NVIDIA GeForce RTX 4090, 1.008e12",
        "NVIDIA GeForce RTX 3090 Ti, 1.008e12",
        "Tesla T4, 0.32e12"
    })
    void knownCardsAreTold(String name, double bytesPerSecond) {
        assertThat(MemorySpeed.ofCard(name)).hasValue(bytesPerSecond);
    }

    @Test
    void anUnknownCardIsNotGuessed() {
        assertThat(MemorySpeed.ofCard("NVIDIA L400")).isEmpty();
        assertThat(MemorySpeed.ofCard("")).isEmpty();
    }

    @Test
    void theHostsIsMeasured() {
        assertThat(MemorySpeed.measureHost()).isBetween(1e8, 1e13);
    }
}
