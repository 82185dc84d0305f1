package io.github.panllama.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.QuantizationType;
import io.github.panllama.Tokenizer;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A preset that is written whole, but for its layers; its embeddings and experts are some hundred MB. */
class PresetModelTest {
    @TempDir
    Path folder;

    @Test
    void aMixtureOfExpertsLoadsAndComputes() throws IOException {
        Path file = folder.resolve("m.gguf");
        PresetModel preset =
                SyntheticPreset.DEEPSEEK_V2_LITE.model(QuantizationType.Q2_K).withLayers(1);
        List<Float> told = new ArrayList<>();
        preset.withProgress(told::add).write(file);

        assertThat(Files.size(file)).isEqualTo(preset.size());
        assertThat(told).isSorted().hasSizeGreaterThan(100);
        assertThat(told.getLast()).isBetween(0.98f, 1f);
        try (LlamaModel model = LlamaModel.load(file)) {
            assertThat(model.description()).isEqualTo("deepseek2 ?B Q2_K - Medium");
            assertThat(model.tokenizer().size()).isEqualTo(102_400);
            checkText(model.tokenizer());
            assertThat(ChatTemplate.of(model)
                            .render(List.of(ChatMessage.user("Hello")))
                            .text())
                    .isEqualTo("User: Hello\n\nAssistant:");
            checkLogits(model);
        }
    }

    private static void checkText(Tokenizer tokenizer) {
        String text = "Texts come back: 12345, \u00FC\u4F60\u597D.\n";
        int[] tokens = tokenizer.encode(text, false, false);
        assertThat(tokenizer.decode(tokens)).isEqualTo(text);
    }

    private static void checkLogits(LlamaModel model) {
        try (LlamaContext context = model.newContext(
                        ContextOptions.builder().contextSize(64).threads(1).build());
                Batch batch = context.newBatch()) {
            for (int i = 0; i < 4; i++) {
                batch.add(i * 9973, i, 0, i == 3);
            }
            context.decode(batch);
            float[] logits = context.logits(3).toArray();
            double squares = 0;
            for (float logit : logits) {
                squares += logit * logit;
            }
            assertThat(Math.sqrt(squares / logits.length)).isBetween(1.0, 5.0);
        }
    }

    @Test
    void cancellingLeavesNothing() {
        PresetModel preset = SyntheticPreset.DEEPSEEK_R1_DISTILL_LLAMA_8B
                .model(QuantizationType.F16)
                .withLayers(1)
                .withProgress(fraction -> fraction < 0.002f);
        assertThatThrownBy(() -> preset.write(folder.resolve("m.gguf"))).isInstanceOf(CancellationException.class);
        assertThat(folder).isEmptyDirectory();
    }
}
