package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.synthetic.SyntheticLora;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What belongs to one of an engine's models: its adapters, and the layers that predict. */
class ReplicaModelsTest {
    @TempDir
    private Path folder;

    private static CompletionRequest.Builder request(int seed) {
        return CompletionRequest.builder(RandomModel.prompt(40 + seed, seed))
                .sampling(SamplingOptions.greedy())
                .maxTokens(16);
    }

    private static List<List<Integer>> all(LlamaEngine engine, List<CompletionRequest> requests) throws Exception {
        List<Generation> generations = requests.stream().map(engine::generate).toList();
        List<List<Integer>> tokens = new ArrayList<>();
        for (Generation generation : generations) {
            tokens.add(get(generation.result()).tokens());
        }
        return tokens;
    }

    private static List<Long> completed(LlamaEngine engine) {
        return engine.stats().replicas().stream()
                .map(EngineStats.Replica::completed)
                .toList();
    }

    @Test
    void anAdaptersRequestsGoToItsModel() throws Exception {
        Path file = RandomModel.write(folder);
        Path lora = folder.resolve("lora.gguf");
        SyntheticLora.write(lora, file, 4, 0.5f, 1);
        EngineOptions options =
                RandomModel.options().sequences(4).contextSize(1024).build();
        try (LlamaModel one = RandomModel.load(file);
                LlamaModel other = RandomModel.load(file);
                LoraAdapter ofOne = LoraAdapter.load(one, lora);
                LoraAdapter ofOther = LoraAdapter.load(other, lora)) {
            List<CompletionRequest> requests = new ArrayList<>();
            List<CompletionRequest> same = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                requests.add(request(i).adapters(Map.of(ofOther, 1f)).build());
                same.add(request(i).adapters(Map.of(ofOne, 1f)).build());
            }
            List<List<Integer>> alone;
            try (LlamaEngine engine = LlamaEngine.start(other, options)) {
                alone = all(engine, requests);
            }
            try (LlamaEngine engine = LlamaEngine.start(List.of(one, other), options)) {
                assertThat(all(engine, requests)).isEqualTo(alone);
                assertThat(completed(engine)).containsExactly(0L, 6L);
                assertThat(all(engine, same)).isEqualTo(alone);
                assertThat(completed(engine)).containsExactly(6L, 6L);
                CompletionRequest both =
                        request(1).adapters(Map.of(ofOne, 1f, ofOther, 1f)).build();
                assertThatThrownBy(() -> engine.generate(both))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("another model");
                // It goes to where the adapter is, though it was computed without it elsewhere.
                Session session = engine.openSession();
                get(session.generate(request(7).build()).result());
                get(session.generate(request(8).adapters(Map.of(ofOne, 1f)).build())
                        .result());
                get(session.generate(request(9).adapters(Map.of(ofOther, 1f)).build())
                        .result());
                assertThat(session.length()).isEqualTo(47 + 48 + 49 + 3 * 16);
                session.close();
            }
            try (LlamaEngine engine = LlamaEngine.start(one, options)) {
                assertThatThrownBy(() -> engine.generate(requests.getFirst()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("another model");
            }
        }
    }

    private static LlamaModel predicting(Path file, boolean predicting) {
        return LlamaModel.load(
                file,
                ModelOptions.builder()
                        .gpuLayers(0)
                        .multiTokenPrediction(predicting)
                        .build());
    }

    @Test
    void everyReplicaPredicts() throws Exception {
        Path file = folder.resolve("predicting.gguf");
        PredictingModel.write(file, true);
        EngineOptions.Builder options =
                EngineOptions.builder().sequences(4).contextSize(1024).context(EngineFixture::fixed);
        List<CompletionRequest> requests = new ArrayList<>();
        List<CompletionRequest> guessing = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            requests.add(request(i).build());
            guessing.add(request(i).speculation(Speculation.multiToken(3)).build());
        }
        List<List<Integer>> plain;
        try (LlamaModel model = predicting(file, false);
                LlamaEngine engine = LlamaEngine.start(model, options.build())) {
            plain = all(engine, requests);
        }
        EngineOptions predictive = options.multiTokenPrediction(3).replicas(2).build();
        try (LlamaModel one = predicting(file, true);
                LlamaModel other = predicting(file, true);
                LlamaModel without = predicting(file, false)) {
            try (LlamaEngine engine = LlamaEngine.start(List.of(one, other), predictive)) {
                assertThat(all(engine, guessing)).isEqualTo(plain);
                assertThat(engine.stats().acceptedTokens()).isPositive();
                assertThat(completed(engine)).hasSize(4).allMatch(count -> count > 0);
            }
            // The first contexts are there by then, and are freed again.
            assertThatThrownBy(() -> LlamaEngine.start(List.of(one, without), predictive))
                    .isInstanceOf(UnsupportedOperationException.class);
            LlamaEngine.start(one, predictive).close();
        }
    }
}
