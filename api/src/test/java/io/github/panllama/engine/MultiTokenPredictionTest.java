package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultiTokenPredictionTest {
    @TempDir
    private Path folder;

    private static LlamaModel load(Path file, boolean predicting) {
        return LlamaModel.load(
                file,
                ModelOptions.builder()
                        .gpuLayers(0)
                        .multiTokenPrediction(predicting)
                        .build());
    }

    private static EngineOptions.Builder options(boolean unified) {
        return EngineOptions.builder().sequences(4).contextSize(1024).context(context -> {
            EngineFixture.fixed(context);
            context.unifiedKvCache(unified);
        });
    }

    /** Prompts that begin alike, so that sequences share their beginning, and more of them than run at a time. */
    private static List<CompletionRequest.Builder> requests() {
        List<CompletionRequest.Builder> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int[] prompt = new Random(3).ints(60, 10, 400).toArray();
            prompt[30 + i] = 10 + i;
            requests.add(CompletionRequest.builder(prompt)
                    .sampling(SamplingOptions.greedy())
                    .maxTokens(40 + i));
        }
        return requests;
    }

    @ParameterizedTest
    @CsvSource({"true, 3", "true, 1", "false, 4"})
    void whatIsGeneratedIsTheSame(boolean unified, int most) throws Exception {
        Path file = folder.resolve("model.gguf");
        PredictingModel.write(file, true);
        List<List<Integer>> plain = new ArrayList<>();
        try (LlamaModel model = load(file, false);
                LlamaEngine engine = LlamaEngine.start(model, options(unified).build())) {
            for (CompletionRequest.Builder request : requests()) {
                plain.add(get(engine.generate(request.build()).result()).tokens());
            }
        }
        EngineOptions options = options(unified).multiTokenPrediction(3).build();
        try (LlamaModel model = load(file, true);
                LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = new ArrayList<>();
            List<CompletionRequest.Builder> requests = requests();
            for (int i = 0; i < requests.size(); i++) {
                if (i % 4 != 3) {
                    requests.get(i).speculation(Speculation.multiToken(most));
                }
                generations.add(engine.generate(requests.get(i).build()));
            }
            for (int i = 0; i < generations.size(); i++) {
                CompletionResult result = get(generations.get(i).result());
                assertThat(result.tokens()).isEqualTo(plain.get(i));
                if (i % 4 == 3) {
                    assertThat(result.usage().draftedTokens()).isZero();
                } else {
                    assertThat(result.usage().acceptance()).isBetween(0.1, 1.0);
                }
            }
        }
    }

    @Test
    void whoHasNoPredictionIsRefused() throws Exception {
        Path file = folder.resolve("model.gguf");
        PredictingModel.write(file, true);
        Path incomplete = folder.resolve("incomplete.gguf");
        PredictingModel.write(incomplete, false);
        EngineOptions predicting = options(true).multiTokenPrediction(2).build();
        try (LlamaModel without = load(file, false)) {
            assertThatThrownBy(() -> LlamaEngine.start(without, predicting))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("loaded without");
            try (LlamaEngine engine = LlamaEngine.start(without, options(true).build())) {
                assertThatThrownBy(() -> engine.generate(requests()
                                .getFirst()
                                .speculation(Speculation.multiToken(2))
                                .build()))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("multiTokenPrediction");
            }
        }
        try (LlamaModel lacking = load(incomplete, true)) {
            assertThatThrownBy(() -> LlamaEngine.start(lacking, predicting))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("nextn.eh_proj");
        }
        try (LlamaModel tiny = EngineFixture.model()) {
            assertThatThrownBy(() -> LlamaEngine.start(tiny, predicting))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("no layers");
        }
    }
}
