package io.github.panllama.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTargetTest {
    private static final int IN_FLIGHT = 5;
    private static final int PROMPT = 40;
    /** So many that all requests decode together for a while, also where one of them begins late. */
    private static final int TOKENS = 600;

    @TempDir
    private static Path folder;

    private static LlamaModel model;

    @BeforeAll
    static void load() throws IOException {
        Path file = folder.resolve("llama.gguf");
        SyntheticModel.builder(Architecture.LLAMA).write(file);
        model = LlamaModel.load(file, ModelOptions.builder().gpuLayers(0).build());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static LlamaEngine engine() {
        return LlamaEngine.start(
                model,
                EngineOptions.builder()
                        .sequences(IN_FLIGHT)
                        .contextSize(IN_FLIGHT * (PROMPT + TOKENS))
                        .context(context -> context.threads(1))
                        .build());
    }

    /** Else the second phase would be prefill too. */
    @Test
    void thePhaseOfDecodeFindsItsPromptsInTheCache() {
        try (LlamaEngine engine = engine()) {
            ConcurrentLinkedQueue<CompletedRequest> seen = new ConcurrentLinkedQueue<>();
            EngineTarget target = new EngineTarget(engine);
            LoadGenerator generator = new LoadGenerator(
                    (prompt, tokens) -> {
                        CompletedRequest request = target.complete(prompt, tokens);
                        seen.add(request);
                        return request;
                    },
                    count -> {});
            Prompts prompts = new Prompts(model.tokenizer(), PROMPT, 0, 1);
            generator.closedLoop(IN_FLIGHT, prompts.next(IN_FLIGHT), TOKENS);
            seen.clear();
            PhaseSpeeds speeds = PhaseSpeeds.measure(generator, prompts.next(IN_FLIGHT), TOKENS);
            assertThat(speeds.prompt()).isPositive();
            assertThat(speeds.generation().orElseThrow()).isPositive();
            List<CompletedRequest> all = List.copyOf(seen);
            assertThat(all.subList(0, IN_FLIGHT)).allSatisfy(request -> {
                assertThat(request.usage().cachedTokens()).isLessThan(PROMPT / 2);
                assertThat(request.usage().generatedTokens()).isEqualTo(1);
            });
            assertThat(all.subList(IN_FLIGHT, 2 * IN_FLIGHT)).allSatisfy(request -> {
                assertThat(request.usage().cachedTokens()).isEqualTo(PROMPT);
                assertThat(request.usage().generatedTokens()).isEqualTo(TOKENS);
            });
        }
    }

    @Test
    void anEngineWithoutTheRoomForAllTokensIsNoTarget() {
        try (LlamaEngine engine = engine()) {
            EngineTarget target = new EngineTarget(engine);
            int[] prompt = new Prompts(model.tokenizer(), PROMPT, 0, 1).next(1).getFirst();
            assertThatThrownBy(() -> target.complete(prompt, 100_000))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("100000 were asked for");
        }
    }

    @Test
    void promptsAreOfTextAndBeginAlikeWhereTheyShall() {
        List<int[]> prompts = new Prompts(model.tokenizer(), PROMPT, 10, 3).next(50);
        assertThat(prompts).allSatisfy(prompt -> {
            assertThat(prompt).hasSize(PROMPT).startsWith(Arrays.copyOf(prompts.getFirst(), 10));
            assertThat(Arrays.stream(prompt))
                    .noneMatch(token -> model.tokenizer().isControl(token));
        });
        assertThat(prompts.stream().map(Arrays::hashCode).distinct()).hasSize(50);
        List<int[]> again = new Prompts(model.tokenizer(), PROMPT, 10, 3).next(50);
        assertThat(Arrays.deepEquals(again.toArray(), prompts.toArray())).isTrue();
        assertThatThrownBy(() -> new Prompts(model.tokenizer(), PROMPT, PROMPT + 1, 3))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
