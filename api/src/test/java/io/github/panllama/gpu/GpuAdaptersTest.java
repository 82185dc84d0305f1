package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.ControlVector;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticLora;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters and control vectors do on the card what they do on the CPU. */
@OnCard
class GpuAdaptersTest {
    private static final int[] PROMPT = Walk.prompt(32, 17);
    private static final double CLOSE = 0.01;

    @TempDir
    private static Path folder;

    private static Path file;
    private static Path lora;

    @BeforeAll
    static void write() throws IOException {
        file = folder.resolve("model.gguf");
        lora = folder.resolve("lora.gguf");
        SyntheticModel.builder(Architecture.LLAMA).write(file);
        SyntheticLora.write(lora, file, 4, 0.5f, 1);
    }

    private interface Change {
        void apply(LlamaContext context);
    }

    private static Walk walk(LlamaModel model, Change change) {
        try (LlamaContext context = model.newContext(Card.context(256).build())) {
            change.apply(context);
            return Walk.of(context, PROMPT, 12);
        }
    }

    @Test
    void anAdapterChangesTheOutputAsOnTheCpu() {
        try (LlamaModel onCard = Card.load(file);
                LlamaModel onCpu = Card.loadOnCpu(file);
                LoraAdapter cardAdapter = LoraAdapter.load(onCard, lora);
                LoraAdapter cpuAdapter = LoraAdapter.load(onCpu, lora)) {
            Walk plain = walk(onCard, _ -> {});
            for (float scale : new float[] {1, 0.25f}) {
                Walk adapted = walk(onCard, context -> context.setAdapters(Map.of(cardAdapter, scale)));
                Walk expected = walk(onCpu, context -> context.setAdapters(Map.of(cpuAdapter, scale)));
                adapted.assertFollows("an adapter", expected, CLOSE);
                assertThat(Walk.distance(adapted.lastLogits(), plain.lastLogits()))
                        .isGreaterThan(0.05);
            }
            walk(onCard, context -> {
                        context.setAdapters(Map.of(cardAdapter, 1f));
                        context.setAdapters(Map.of());
                    })
                    .assertFollows("without it again", plain, 1e-6);
        }
    }

    @Test
    void aControlVectorPushesAsOnTheCpu() {
        try (LlamaModel onCard = Card.load(file);
                LlamaModel onCpu = Card.loadOnCpu(file)) {
            Random random = new Random(3);
            float[][] directions = new float[onCpu.layers() - 1][onCpu.hiddenSize()];
            for (float[] direction : directions) {
                for (int i = 0; i < direction.length; i++) {
                    direction[i] = (float) random.nextGaussian() / 4;
                }
            }
            ControlVector vector = ControlVector.of(directions, 1, directions.length);
            Walk pushed = walk(onCard, context -> context.setControlVector(vector));
            pushed.assertFollows("a control vector", walk(onCpu, context -> context.setControlVector(vector)), CLOSE);
            assertThat(Walk.distance(pushed.lastLogits(), walk(onCard, _ -> {}).lastLogits()))
                    .isGreaterThan(0.05);
        }
    }
}
