package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineCloseTest {
    private static final int CYCLES = Integer.getInteger("panllama.race.cycles", 60);

    @Test
    void everyoneIsTold() throws Exception {
        try (LlamaModel model = EngineFixture.model()) {
            LlamaEngine engine = LlamaEngine.start(
                    model, options().sequences(2).contextSize(2048).build());
            List<Generation> generations = engine.generate(endless(model, 900).build(), 12);
            CompletableFuture<Throwable> reader = new CompletableFuture<>();
            Generation read = generations.getFirst();
            Thread.ofVirtual().start(() -> {
                try {
                    read.forEach(chunk -> {});
                    reader.complete(new AssertionError("the loop ended"));
                } catch (RuntimeException e) {
                    reader.complete(e);
                }
            });
            engine.close();
            engine.close();
            for (Generation generation : generations) {
                assertThatThrownBy(() -> get(generation.result())).hasCauseInstanceOf(EngineClosedException.class);
                assertThatThrownBy(generation::await).isInstanceOf(EngineClosedException.class);
            }
            assertThat(get(reader)).isInstanceOf(EngineClosedException.class);
            assertThatThrownBy(() -> engine.generate(greedy("x").build())).isInstanceOf(EngineClosedException.class);
            assertThat(engine.stats().queued()).isZero();
        }
    }

    @Test
    void aModelThatIsClosedFirstEndsTheEngine() {
        LlamaModel model = EngineFixture.model();
        LlamaEngine engine = LlamaEngine.start(model, options().build());
        Generation generation = engine.generate(endless(model, 900).build());
        model.close();
        assertThatThrownBy(() -> get(generation.result()))
                .hasCauseInstanceOf(EngineClosedException.class)
                .hasMessageContaining("is closed");
        assertThatThrownBy(() ->
                        engine.generate(CompletionRequest.builder(new int[] {1}).build()))
                .isInstanceOf(IllegalStateException.class);
        engine.close();
    }

    /** And may take its time: the engine does not wait for it. */
    @Test
    void whatDependsOnAResultMayCloseTheEngine() throws Exception {
        try (LlamaModel model = EngineFixture.model()) {
            LlamaEngine engine = LlamaEngine.start(model, options().build());
            Generation one = engine.generate(endless(model, 20).build());
            Generation other = engine.generate(endless(model, 200).build());
            CompletableFuture<Integer> closed = one.result().thenApply(result -> {
                int tokens = other.await().tokens().size();
                engine.close();
                return tokens;
            });
            assertThat(get(closed)).isEqualTo(200);
            assertThatThrownBy(() -> engine.generate(greedy("x").build())).isInstanceOf(EngineClosedException.class);
        }
    }

    /** Submits, cancels and closes in every order, many times over. */
    @Test
    void racesLoseNothing() throws Exception {
        Random random = new Random(5);
        try (LlamaModel model = EngineFixture.model()) {
            CompletionRequest request = endless(model, 50).build();
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                LlamaEngine engine = LlamaEngine.start(
                        model, options().sequences(4).contextSize(512).build());
                List<Generation> generations = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    generations.add(engine.generate(request));
                    if (random.nextInt(3) == 0) {
                        generations.get(random.nextInt(generations.size())).cancel();
                    }
                }
                Thread closer = random.nextBoolean() ? Thread.ofVirtual().start(engine::close) : null;
                generations.forEach(Generation::cancel);
                if (closer == null) {
                    engine.close();
                } else {
                    closer.join();
                }
                for (Generation generation : generations) {
                    assertThat(generation.result()).isDone();
                }
            }
        }
    }

    /** A recurrent state cannot be cut or shared; a context of sequences with rooms of their own neither. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void everyArchitectureAnswersAsAlone(Architecture architecture, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(architecture).write(file);
        for (boolean unified : new boolean[] {true, false}) {
            try (LlamaModel model = LlamaModel.load(file);
                    LlamaEngine engine = LlamaEngine.start(
                            model,
                            EngineOptions.builder()
                                    .sequences(4)
                                    .contextSize(1024)
                                    .context(context -> context.threads(1).unifiedKvCache(unified))
                                    .build())) {
                int[] prompt = new Random(3).ints(60, 3, 400).toArray();
                CompletionRequest request = CompletionRequest.builder(prompt)
                        .sampling(io.github.panllama.SamplingOptions.greedy())
                        .maxTokens(12)
                        .build();
                List<Integer> alone = get(engine.generate(request).result()).tokens();
                List<Generation> together = engine.generate(request, 6);
                for (Generation generation : together) {
                    assertThat(get(generation.result()).tokens()).isEqualTo(alone);
                }
            }
        }
    }
}
