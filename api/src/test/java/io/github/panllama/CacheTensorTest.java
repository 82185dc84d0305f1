package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Caches whose tensors a device's buffers cannot hold. */
class CacheTensorTest {
    @Test
    void theRefusalNamesTheSizesAndTheWaysOut() {
        CacheTensor keys = new CacheTensor("Vulkan0", "keys", 2048, 65_700);
        assertThat(keys.refused("model", 100_000, 100_096))
                .hasMessageContaining("Cannot make a context of 100000 tokens for model")
                .hasMessageContaining("the keys of a layer are one tensor of 195.5 MiB")
                .hasMessageContaining("a buffer of Vulkan0 holds 128.3 MiB")
                .hasMessageContaining("contextSize of at most 65536")
                .hasMessageContaining("a quantised kvCacheType")
                .hasMessageContaining("offloadKvCache(false)");
    }

    @Test
    void theProcessorHasNoBound() {
        Device cpu = Device.all().stream()
                .filter(device -> device.type() == DeviceType.CPU)
                .findFirst()
                .orElseThrow();
        long most = ContextOptions.MAX_CONTEXT_SIZE;
        for (KvCacheType type : List.of(KvCacheType.F16, KvCacheType.Q8_0)) {
            assertThat(CacheTensor.mostCells(cpu.pointer(), type, 4096, most)).isEqualTo(most);
        }
        // Not a matter of size: nothing can have rows that do not fill their blocks.
        assertThat(CacheTensor.mostCells(cpu.pointer(), KvCacheType.Q8_0, 33, most))
                .isEqualTo(most);
    }
}
