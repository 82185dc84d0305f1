package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What cannot speculate, says so; and whatever does, ends. */
class SpeculationLimitsTest {
    @Test
    void wrongSizesAreRefused() {
        assertThatThrownBy(() -> Speculation.ngram(0, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("match is 0");
        assertThatThrownBy(() -> Speculation.ngram(4, 1025))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1025");
        try (LlamaModel model = EngineFixture.model()) {
            assertThatThrownBy(() -> Speculation.draftModel(model, 0, 0.5f))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("mostTokens is 0");
            assertThatThrownBy(() -> Speculation.draftModel(model, 8, Float.NaN))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NaN");
        }
    }

    @Test
    void aDraftModelWithAnotherVocabularyIsRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("other.gguf");
        SyntheticModel.builder(Architecture.LLAMA).write(file);
        try (LlamaModel model = EngineFixture.model();
                LlamaModel other = LlamaModel.load(file);
                LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> engine.generate(endless(model, 10)
                                .speculation(Speculation.draftModel(other))
                                .build()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("cannot draft for");
            }
            assertThat(get(engine.generate(endless(model, 10).build()).result()).tokens())
                    .hasSize(10);
        }
    }

    /** Each model drafts for itself, and from its own text; but for one whose memory cannot lose tokens. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void everyArchitectureSpeculatesOrRefuses(Architecture architecture, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(architecture).write(file);
        for (boolean unified : new boolean[] {true, false}) {
            try (LlamaModel model = LlamaModel.load(file);
                    LlamaEngine engine = LlamaEngine.start(
                            model,
                            EngineOptions.builder()
                                    .sequences(4)
                                    .contextSize(2048)
                                    .context(context -> {
                                        EngineFixture.fixed(context);
                                        context.unifiedKvCache(unified);
                                    })
                                    .build())) {
                CompletionRequest.Builder request = CompletionRequest.builder(
                                new Random(3).ints(60, 3, 400).toArray())
                        .sampling(SamplingOptions.greedy())
                        .maxTokens(25); // the first near tie of a random model comes later
                List<Integer> plain =
                        get(engine.generate(request.build()).result()).tokens();
                for (Speculation speculation : List.of(Speculation.ngram(1, 6), Speculation.draftModel(model, 4, 0))) {
                    CompletionRequest speculating =
                            request.speculation(speculation).build();
                    if (architecture == Architecture.MAMBA2) {
                        assertThatThrownBy(() -> engine.generate(speculating))
                                .isInstanceOf(UnsupportedOperationException.class)
                                .hasMessageContaining("recurrentSnapshots");
                        continue;
                    }
                    for (Generation generation : engine.generate(speculating, 6)) {
                        CompletionResult result = get(generation.result());
                        assertThat(result.tokens()).isEqualTo(plain);
                        assertThat(result.usage().draftedTokens()).isPositive();
                        assertThat(speculation.draftModel == null
                                        || result.usage().acceptance() > 0.9)
                                .isTrue();
                    }
                }
            }
        }
    }

    /** The context of a draft model ends with the engine, whoever closes the model and when. */
    @Test
    void racesLoseNothing() throws Exception {
        Random random = new Random(6);
        try (LlamaModel model = EngineFixture.model()) {
            for (int cycle = 0; cycle < 30; cycle++) {
                LlamaModel drafting = EngineFixture.model();
                LlamaEngine engine = LlamaEngine.start(
                        model, options().sequences(4).contextSize(512).build());
                List<Generation> generations = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    Speculation speculation = random.nextBoolean()
                            ? Speculation.ngram(1, 8)
                            : Speculation.draftModel(drafting, 1 + random.nextInt(8), 0.3f);
                    generations.add(engine.generate(
                            endless(model, 60).speculation(speculation).build()));
                    if (random.nextInt(3) == 0) {
                        generations.get(random.nextInt(generations.size())).cancel();
                    }
                }
                if (random.nextBoolean()) {
                    drafting.close();
                }
                if (random.nextBoolean()) {
                    get(generations.getLast().result());
                }
                engine.close();
                drafting.close();
                for (Generation generation : generations) {
                    assertThat(generation.result()).isDone();
                }
                assertThatThrownBy(() -> engine.generate(endless(model, 5)
                                .speculation(Speculation.draftModel(model))
                                .build()))
                        .isInstanceOf(EngineClosedException.class);
            }
        }
    }
}
