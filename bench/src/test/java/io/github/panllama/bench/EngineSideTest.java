package io.github.panllama.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.cli.bench.Prompts;
import io.github.panllama.gguf.GgmlType;
import org.junit.jupiter.api.Test;

class EngineSideTest {
    @Test
    void theEngineIsMeasuredAtDecodeAloneAndUnderLoad() {
        PeerWorkload workload = new PeerWorkload(16, 400, 20).brief();
        assertThat(workload).isEqualTo(new PeerWorkload(16, 100, 20));
        try (BenchmarkModel file = BenchmarkModel.write(GgmlType.Q8_0);
                LlamaModel model = LlamaModel.load(file.file());
                EngineSide engine = new EngineSide(model, workload, new Prompts(model.tokenizer(), 16, 0, 1))) {
            assertThat(engine.decodeTokensPerSecond()).isPositive();
            assertThat(engine.outputTokensPerSecond()).isPositive();
        }
    }

    @Test
    void everySettingOfAPeerIsAnother() {
        assertThat(PeerSetting.all()).hasSize(8).doesNotHaveDuplicates();
        assertThat(new PeerSetting(2, true, false).arguments())
                .containsSubsequence("--threads", "2")
                .containsSubsequence("--flash-attn", "on")
                .contains("--no-kv-unified");
    }
}
