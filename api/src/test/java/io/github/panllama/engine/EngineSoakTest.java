package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Question;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A mixed load for a while: cancellations, deadlines, slow readers, stops, priorities, in a cache that is always short
 * of room. {@code -Dpanllama.soak.seconds=1800} makes it longer.
 */
@Tag("slow")
class EngineSoakTest {
    private static final int CLIENTS = 24;
    private static final int SECONDS = Integer.getInteger("panllama.soak.seconds", 20);

    private final AtomicInteger compared = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    @Test
    void nothingIsLostAndNothingIsDoubled() throws Exception {
        try (LlamaModel model = EngineFixture.model();
                LlamaEngine engine = LlamaEngine.start(
                        model,
                        options()
                                .sequences(12)
                                .contextSize(3000)
                                .batchSize(256)
                                .readAhead(8)
                                .targetInterTokenLatency(Duration.ofMillis(20))
                                .build());
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Question> questions = EngineFixture.questions(model);
            List<String> answers = EngineFixture.answers(model, questions);
            long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
            List<? extends Future<?>> running = IntStream.range(0, CLIENTS)
                    .mapToObj(seed -> clients.submit(() -> {
                        client(engine, questions, answers, new Random(seed), end);
                        return seed;
                    }))
                    .toList();
            for (Future<?> client : running) {
                client.get();
            }
            EngineStats stats = engine.stats();
            assertThat(stats.queued()).isZero();
            assertThat(stats.completed()).isEqualTo(ended.get());
            assertThat(compared.get()).isGreaterThan(ended.get() / 4);
            CompletionResult after =
                    get(engine.generate(greedy(questions.getFirst()).build()).result());
            assertThat(after.finishReason()).isEqualTo(FinishReason.STOP);
        }
    }

    private void client(LlamaEngine engine, List<Question> questions, List<String> answers, Random random, long end)
            throws Exception {
        while (System.nanoTime() < end) {
            int index = random.nextInt(questions.size());
            CompletionRequest.Builder request = greedy(questions.get(index)).priority(random.nextInt(3));
            int mood = random.nextInt(6);
            if (mood == 0) {
                request.timeout(Duration.ofMillis(random.nextInt(1, 60)));
            }
            Generation generation = engine.generate(request.build());
            StringBuilder text = new StringBuilder();
            int tokens = 0;
            for (GenerationChunk chunk : generation) {
                text.append(chunk.text());
                tokens += chunk.token().isPresent() ? 1 : 0;
                if (mood == 1 && random.nextInt(20) == 0) {
                    generation.cancel();
                }
                if (mood == 2) {
                    LockSupport.parkNanos(300_000); // a reader that is slower than the model
                }
            }
            CompletionResult result = get(generation.result());
            ended.incrementAndGet();
            assertThat(text).hasToString(result.text());
            assertThat(tokens).isEqualTo(result.tokens().size());
            byte[] said = engine.model()
                    .tokenizer()
                    .decodeBytes(
                            result.tokens().stream().mapToInt(Integer::intValue).toArray(), true);
            byte[] whole = answers.get(index).getBytes(StandardCharsets.UTF_8);
            if (result.finishReason() == FinishReason.STOP) {
                assertThat(said).isEqualTo(whole);
                compared.incrementAndGet();
            } else {
                assertThat(result.finishReason()).isIn(FinishReason.CANCELLED, FinishReason.DEADLINE);
                // As bytes: it may end in the middle of a character.
                assertThat(said).isEqualTo(Arrays.copyOf(whole, said.length));
            }
        }
    }
}
