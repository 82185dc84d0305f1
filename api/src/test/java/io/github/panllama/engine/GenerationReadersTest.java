package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaModel;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The ways to read a generation. */
class GenerationReadersTest {
    private static final int READ_AHEAD = 4;

    private static LlamaModel model;
    private static LlamaEngine engine;

    @BeforeAll
    static void start() {
        model = EngineFixture.model();
        engine = LlamaEngine.start(model, options().readAhead(READ_AHEAD).build());
    }

    @AfterAll
    static void close() {
        engine.close();
        model.close();
    }

    @Test
    void aSlowReaderPausesItsOwnGenerationAlone() throws Exception {
        Generation slow = engine.generate(endless(model, 200).build());
        Iterator<GenerationChunk> chunks = slow.iterator();
        String text = chunks.next().text();
        Generation other = engine.generate(endless(model, 400).build());
        assertThat(get(other.result()).tokens()).hasSize(400);
        assertThat(slow.isDone()).isFalse();
        int count = 1;
        while (chunks.hasNext()) {
            text += chunks.next().text();
            count++;
        }
        CompletionResult result = get(slow.result());
        assertThat(result.tokens()).hasSize(200);
        assertThat(count).isBetween(200, 201); // one more brings what the end of the text gave free
        assertThat(text).isEqualTo(result.text());
    }

    @Test
    void aReaderThatStopsGivesItsRoomToThoseThatWaitAndGetsItBack() throws Exception {
        EngineOptions tight =
                options().sequences(2).contextSize(256).readAhead(200).build();
        try (LlamaEngine small = LlamaEngine.start(model, tight)) {
            Generation left = small.generate(endless(model, 220).build());
            Iterator<GenerationChunk> chunks = left.iterator();
            String text = chunks.next().text();
            assertThat(get(small.generate(endless(model, 200).build()).result()).tokens())
                    .hasSize(200);
            assertThat(left.isDone()).isFalse();
            while (chunks.hasNext()) {
                text += chunks.next().text();
            }
            CompletionResult result = get(left.result());
            assertThat(result.tokens()).hasSize(220);
            assertThat(text).isEqualTo(result.text());
            assertThat(small.stats().preemptions()).isPositive();
            assertThat(result.text())
                    .isEqualTo(get(engine.generate(endless(model, 220).build()).result())
                            .text());
        }
    }

    @Test
    void whoOnlyWaitsDoesNotPauseAnything() throws Exception {
        Generation generation = engine.generate(endless(model, 100).build());
        CompletionResult result = get(generation.result());
        assertThat(result.tokens()).hasSize(100);
        // Who comes late still reads all of it.
        StringBuilder text = new StringBuilder();
        generation.forEach(chunk -> text.append(chunk.text()));
        assertThat(text).hasToString(result.text());
    }

    @Test
    void thereIsOneReader() {
        try (Generation generation = engine.generate(endless(model, 100).build())) {
            assertThat(generation.iterator()).isNotNull();
            assertThatThrownBy(generation::iterator)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("reader");
        }
    }

    @Test
    void aCallbackGetsEveryChunk() throws Exception {
        List<GenerationChunk> chunks = new CopyOnWriteArrayList<>();
        CompletableFuture<String> thread = new CompletableFuture<>();
        Generation generation = engine.generate(endless(model, 50).build()).onChunk(chunk -> {
            chunks.add(chunk);
            if (chunks.stream().filter(each -> each.token().isPresent()).count() == 50) {
                thread.complete(Thread.currentThread().toString());
            }
        });
        CompletionResult result = get(generation.result());
        assertThat(get(thread)).contains("VirtualThread");
        assertThat(chunks.stream().map(GenerationChunk::text).collect(Collectors.joining()))
                .isEqualTo(result.text());
    }

    @Test
    void anInterruptedReaderCancels() throws Exception {
        Generation generation = engine.generate(endless(model, 900).build());
        Iterator<GenerationChunk> chunks = generation.iterator();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> {
                    while (true) {
                        chunks.next();
                    }
                })
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(get(generation.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    private static final class Collector implements Flow.Subscriber<GenerationChunk> {
        final StringBuilder text = new StringBuilder();
        final CompletableFuture<Integer> done = new CompletableFuture<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        private int count;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(GenerationChunk chunk) {
            text.append(chunk.text());
            count++;
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            done.complete(count);
        }
    }

    @Test
    void aSubscriberGetsWhatItRequests() throws Exception {
        Generation generation = engine.generate(endless(model, 60).build());
        Collector collector = new Collector();
        generation.publisher().subscribe(collector);
        Flow.Subscription subscription = get(collector.subscription);
        // Of 60, no more than what was requested and what waits.
        subscription.request(3);
        Generation other = engine.generate(endless(model, 200).build());
        get(other.result());
        assertThat(generation.isDone()).isFalse();
        subscription.request(Long.MAX_VALUE);
        assertThat(get(collector.done)).isBetween(60, 61);
        assertThat(collector.text).hasToString(get(generation.result()).text());
        Collector second = new Collector();
        generation.publisher().subscribe(second);
        assertThatThrownBy(() -> get(second.done)).hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSubscriberThatRequestsNothingSensibleIsTold() throws Exception {
        Generation generation = engine.generate(endless(model, 900).build());
        Collector collector = new Collector();
        generation.publisher().subscribe(collector);
        get(collector.subscription).request(-1);
        assertThatThrownBy(() -> get(collector.done)).hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(get(generation.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void aCancelledSubscriptionCancelsTheGeneration() throws Exception {
        Generation generation = engine.generate(endless(model, 900).build());
        Collector collector = new Collector();
        generation.publisher().subscribe(collector);
        Flow.Subscription subscription = get(collector.subscription);
        subscription.request(2);
        subscription.cancel();
        assertThat(get(generation.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void virtualThreadsMayAllWait() throws Exception {
        List<CompletableFuture<String>> texts = java.util.stream.IntStream.range(0, 200)
                .mapToObj(i -> {
                    CompletableFuture<String> text = new CompletableFuture<>();
                    Thread.ofVirtual().start(() -> {
                        StringBuilder all = new StringBuilder();
                        Generation generation = engine.generate(greedy("<｜begin▁of▁sentence｜><｜User｜>What is " + i
                                        + " + 1?<｜Assistant｜><think></think>")
                                .maxTokens(20)
                                .build());
                        generation.forEach(chunk -> all.append(chunk.text()));
                        text.complete(all.toString());
                    });
                    return text;
                })
                .toList();
        for (int i = 0; i < texts.size(); i++) {
            assertThat(get(texts.get(i))).startsWith(i + " + 1 = ");
        }
    }
}
