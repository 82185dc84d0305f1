package io.github.panllama.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.training.corpus.Skill;
import io.github.panllama.training.transformer.Documents;
import io.github.panllama.training.transformer.Network;
import io.github.panllama.training.transformer.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A small model for a few seconds: long enough to see that it learns. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainerTest {
    private static final int STEPS = 60;
    private static final Recipe RECIPE = new Recipe(
            "test",
            "test",
            new Shape(400, 64, 2, 4, 2, 64, 4, 2, 32, 1024),
            2,
            List.of(
                    new Recipe.Phase(STEPS - 20, 6e-3f, Map.of(Skill.FACT, 1)),
                    new Recipe.Phase(20, 3e-3f, Map.of(Skill.FACT, 2, Skill.REPEAT, 1))));

    private final Lessons lessons = new Lessons(3, RECIPE);

    private Trainer trained;
    private double firstLoss;
    private double lastLoss;

    @BeforeAll
    void train() {
        trained = new Trainer(3, RECIPE, lessons);
        firstLoss = trained.learn().loss();
        while (trained.step() < STEPS) {
            lastLoss = trained.learn().loss();
        }
    }

    @Test
    void theLossFalls() {
        assertThat(firstLoss).isBetween(5.0, 12.0);
        assertThat(lastLoss).isLessThan(0.7 * firstLoss);
    }

    /** The first training ran before the JIT compiler had compiled its loops, and all cores took part in both. */
    @Test
    void aSeedGivesTheSameModelToTheLastBit() {
        Trainer again = new Trainer(3, RECIPE, new Lessons(3, RECIPE));
        while (again.step() < STEPS) {
            again.learn();
        }
        assertThat(again.parameters().values()).isEqualTo(trained.parameters().values());
        assertThat(again.optimizer().second()).isEqualTo(trained.optimizer().second());
    }

    @Test
    void aCheckpointGoesOnWhereItWas(@TempDir Path folder) throws IOException {
        Trainer again = new Trainer(3, RECIPE, lessons);
        while (again.step() < 5) {
            again.learn();
        }
        Path file = folder.resolve("checkpoint");
        Checkpoint.save(file, again);
        assertThatThrownBy(() -> Checkpoint.load(file, new Trainer(4, RECIPE, lessons)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("seed 3");
        Trainer resumed = new Trainer(3, RECIPE, lessons);
        Checkpoint.load(file, resumed);
        assertThat(resumed.step()).isEqualTo(again.step());
        assertThat(Arrays.equals(
                        resumed.parameters().values(), again.parameters().values()))
                .isTrue();
        assertThat(Arrays.equals(resumed.optimizer().second(), again.optimizer().second()))
                .isTrue();
    }

    /** With experts behind the first layer, and with positions, norms, routing as llama.cpp has them. */
    @Test
    void llamaComputesTheSameLoss(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.gguf");
        ModelFile.write(file, GgmlType.F32, RECIPE, trained.parameters(), lessons.vocabulary(), Map.of("seed", "3"));
        Documents documents = lessons.heldOut(Skill.FACT, 1).getFirst();
        double expected = new Network(trained.parameters(), documents.places()).loss(documents);
        ContextOptions options = ContextOptions.builder()
                .contextSize(1024)
                .batchSize(1024)
                .threads(1)
                .kvCacheType(KvCacheType.F32)
                .build();
        try (LlamaModel model = LlamaModel.load(file);
                LlamaContext context = model.newContext(options);
                Batch batch = context.newBatch()) {
            for (int i = 0; i < documents.places(); i++) {
                batch.add(documents.inputs()[i], i, 0, true);
            }
            context.decode(batch);
            double loss = 0;
            for (int i = 0; i < documents.places(); i++) {
                if (documents.targets()[i] >= 0) {
                    loss -= context.logits(i).logProbability(documents.targets()[i]);
                }
            }
            assertThat(loss).isCloseTo(expected, within(1e-3 * expected));
        }
    }
}
