package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.MemoryPlan;
import io.github.panllama.ModelOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine is planned as the contexts that it makes, in the way that takes the most. */
class EngineMemoryTest {
    private static final ModelOptions CPU = ModelOptions.builder().gpuLayers(0).build();

    @TempDir
    private static Path folder;

    private static Path file;

    @BeforeAll
    static void write() throws IOException {
        file = folder.resolve("llama.gguf");
        SyntheticModel.builder(Architecture.LLAMA).write(file);
    }

    private static MemoryPlan context(FlashAttention flash) {
        return MemoryPlan.of(
                file,
                CPU,
                ContextOptions.builder()
                        .contextSize(4096)
                        .maxSequences(4)
                        .batchSize(64)
                        .threads(Runtime.getRuntime().availableProcessors())
                        .unifiedKvCache(true)
                        .flashAttention(flash)
                        .build());
    }

    @Test
    void theWayThatTakesTheMostCounts() {
        EngineOptions options = EngineOptions.builder()
                .sequences(4)
                .contextSize(4096)
                .batchSize(64)
                .context(context -> context.unifiedKvCache(true))
                .build();
        MemoryPlan plan = options.memoryPlan(file, CPU);
        assertThat(plan.total())
                .isEqualTo(Math.max(
                        context(FlashAttention.ENABLED).total(),
                        context(FlashAttention.DISABLED).total()));
        assertThat(plan.contextSize()).isEqualTo(4096);
    }

    @Test
    void replicasTakeTheirPartEachAndShareTheWeights() {
        EngineOptions.Builder options =
                EngineOptions.builder().sequences(2).contextSize(1024).batchSize(64);
        MemoryPlan one = options.build().memoryPlan(file, CPU);
        MemoryPlan three = options.replicas(3).build().memoryPlan(file, CPU);
        assertThat(three.host().weights()).isEqualTo(one.host().weights());
        assertThat(three.host().cache()).isEqualTo(3 * one.host().cache());
        assertThat(three.contexts()).isEqualTo(3);
    }

    @Test
    void aBatchThatIsTooSmallIsRefused() {
        EngineOptions options = EngineOptions.builder()
                .sequences(8)
                .contextSize(1024)
                .batchSize(4)
                .build();
        assertThatThrownBy(() -> options.memoryPlan(file, CPU))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batchSize is 4");
    }
}
