package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Question;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What waits for a place in the engine: which goes first, how long it waits, and when it is refused. */
class EngineQueueTest {
    private static LlamaModel model;
    private static Question question;
    private static String answer;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        question = EngineFixture.questions(model).getFirst();
        answer = EngineFixture.answers(model, List.of(question)).getFirst();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void aDeadlineEndsWhatRunsAndWhatWaits() throws Exception {
        EngineOptions options = options().sequences(1).contextSize(2048).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Generation unread = engine.generate(endless(model, 2000).build());
            var chunks = unread.iterator(); // pauses it, and so keeps the only place
            assertThat(chunks.next()).isNotNull();
            Generation waiting = engine.generate(
                    greedy(question).timeout(Duration.ofMillis(50)).build());
            CompletionResult late = get(waiting.result());
            assertThat(late.finishReason()).isEqualTo(FinishReason.DEADLINE);
            assertThat(late.tokens()).isEmpty();
            assertThat(late.timings().queued()).isEqualTo(late.timings().duration());
            unread.cancel();
            Generation running = engine.generate(
                    endless(model, 2000).timeout(Duration.ofMillis(20)).build());
            assertThat(get(running.result()).finishReason()).isEqualTo(FinishReason.DEADLINE);
        }
    }

    @Test
    void aFullQueueRefuses() throws Exception {
        EngineOptions options =
                options().sequences(1).contextSize(2048).queueCapacity(2).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Generation first = engine.generate(endless(model, 2000).build());
            assertThat(first.iterator().next()).isNotNull();
            CompletionRequest request = greedy(question).build();
            List<Generation> waiting = engine.generate(request, 2);
            assertThatThrownBy(() -> engine.generate(request))
                    .isInstanceOf(EngineBusyException.class)
                    .hasMessageContaining("2 requests wait")
                    .satisfies(e ->
                            assertThat(((EngineBusyException) e).retryAfter()).isPositive());
            assertThat(engine.stats().queued()).isEqualTo(2);
            first.cancel();
            for (Generation generation : waiting) {
                int[] tokens = get(generation.result()).tokens().stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
                assertThat(model.tokenizer().decode(tokens, true)).isEqualTo(answer);
            }
        }
    }

    @Test
    void theUrgentGoesFirst() throws Exception {
        EngineOptions options = options().sequences(1).contextSize(2048).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Generation first = engine.generate(endless(model, 2000).build());
            assertThat(first.iterator().next()).isNotNull();
            List<Generation> ordinary = engine.generate(endless(model, 20).build(), 4);
            Generation urgent = engine.generate(endless(model, 20).priority(1).build());
            first.cancel();
            CompletionResult soon = get(urgent.result());
            for (Generation generation : ordinary) {
                assertThat(get(generation.result()).timings().queued())
                        .isGreaterThan(soon.timings().queued());
            }
        }
    }
}
