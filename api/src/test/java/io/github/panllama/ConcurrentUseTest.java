package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two threads and one context. The decodes here take long enough that the other thread always meets them. */
class ConcurrentUseTest {
    private static final int LONG = 4096;
    private static final int[] PROMPT = TestModels.prompt(16, 5);

    private static Path file;

    private LlamaModel model;
    private LlamaContext context;
    private Batch batch;
    private float[] expected;

    @BeforeAll
    static void write() throws IOException {
        file = TestModels.path("slow.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .layers(6)
                .embeddingLength(256)
                .heads(4)
                .feedForwardLength(512)
                .contextLength(8192)
                .write(file);
    }

    @BeforeEach
    void open() {
        model = LlamaModel.load(file, TestModels.cpu().build());
        context = model.newContext(
                TestModels.context(8192).batchSize(LONG).microBatchSize(32).build());
        expected = TestModels.evaluate(context, 0, 0, PROMPT);
        context.memory().clear();
        batch = context.newBatch(LONG);
        batch.addAll(TestModels.prompt(LONG, 1), 0, LONG, 0, 0, true);
    }

    @AfterEach
    void close() {
        batch.close();
        context.close();
        model.close();
    }

    @Test
    void everyCallBesideARunningDecodeIsRefusedAndCorruptsNothing() {
        Sampler sampler = Sampler.greedy(model);
        CompletableFuture<Void> decode = decodeElsewhere();
        assertBusy(() -> context.decode(batch));
        assertBusy(() -> context.logits(0));
        assertBusy(() -> context.memory().clear());
        assertBusy(() -> context.memory().maxPosition(0));
        assertBusy(() -> context.state().save());
        assertBusy(() -> context.setThreads(1, 1));
        assertBusy(() -> sampler.sample(context, 0));
        assertBusy(() -> batch.clear());
        assertBusy(() -> batch.close());
        assertBusy(() -> context.close());
        assertThat(decode).as("the decode was to outlast the calls").isNotDone();
        context.abort();
        assertThatThrownBy(decode::join).hasCauseInstanceOf(DecodeException.class);
        sampler.close();
        assertGoesOnWorking();
    }

    private static void assertBusy(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessageContaining("is in use by Thread");
    }

    @Test
    void abortStopsALongDecodeAndTheContextGoesOnWorking() {
        CompletableFuture<Void> decode = decodeElsewhere();
        context.abort();
        assertThatThrownBy(decode::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        DecodeException.class, e -> assertThat(e.status()).isEqualTo(DecodeStatus.ABORTED));
        assertThat(context.memory().maxPosition(0)).isBetween(-1, LONG - 2);
        assertThatThrownBy(() -> context.logits(LONG - 1)).isInstanceOf(IllegalStateException.class);
        assertGoesOnWorking();
    }

    @Test
    void abortBeforeADecodeStopsTheNextOneOnly() {
        context.abort();
        context.abort();
        assertThatThrownBy(() -> context.decode(batch))
                .isInstanceOfSatisfying(
                        DecodeException.class, e -> assertThat(e.status()).isEqualTo(DecodeStatus.ABORTED));
        assertGoesOnWorking();
    }

    @Test
    void whatWasEvaluatedBeforeAnAbortCanBeContinued() {
        int[] tokens = TestModels.prompt(LONG + 64, 1);
        TestModels.evaluate(context, 0, 0, Arrays.copyOf(tokens, 64));
        batch.clear();
        batch.addAll(tokens, 64, LONG + 64, 64, 0, true);
        CompletableFuture<Void> decode = decodeElsewhere();
        context.abort();
        assertThatThrownBy(decode::join).hasCauseInstanceOf(DecodeException.class);
        int next = context.memory().maxPosition(0) + 1;
        assertThat(next).isBetween(64, LONG + 63);
        int[] rest = Arrays.copyOfRange(tokens, next, next + 32);
        float[] continued = TestModels.evaluate(context, 0, next, rest);
        context.memory().clear();
        float[] whole = TestModels.evaluate(context, 0, 0, Arrays.copyOf(tokens, next + rest.length));
        assertThat(TestModels.distance(continued, whole)).isLessThan(1e-3);
    }

    @Test
    void twoThreadsThatTakeTurnsByChanceNeverCorrupt() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Thread intruder = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                try {
                    context.memory().maxPosition(0);
                    context.performance();
                    context.setThreads(1, 1);
                } catch (IllegalStateException busy) {
                    Thread.onSpinWait();
                }
            }
        });
        int refused = 0;
        try (Batch small = context.newBatch(PROMPT.length)) {
            small.addAll(PROMPT, 0, PROMPT.length, 0, 0, true);
            for (int done = 0; done < 100; ) {
                try {
                    context.memory().clear();
                    context.decode(small);
                    assertThat(context.logits(PROMPT.length - 1).toArray()).isEqualTo(expected);
                    done++;
                } catch (IllegalStateException busy) {
                    assertThat(busy).hasMessageContaining("in use");
                    refused++;
                }
            }
        }
        stop.set(true);
        intruder.join();
        assertThat(refused).isNotNegative();
        assertGoesOnWorking();
    }

    /** Starts the long decode on another thread, and returns when it is in native code. */
    private CompletableFuture<Void> decodeElsewhere() {
        CompletableFuture<Void> decode = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                context.decode(batch);
                decode.complete(null);
            } catch (RuntimeException e) {
                decode.completeExceptionally(e);
            }
        });
        while (Arrays.stream(thread.getStackTrace())
                .noneMatch(frame -> frame.getMethodName().equals("panllama_decode"))) {
            assertThat(decode).isNotDone();
            Thread.onSpinWait();
        }
        return decode;
    }

    private void assertGoesOnWorking() {
        context.memory().clear();
        assertThat(TestModels.evaluate(context, 0, 0, PROMPT)).isEqualTo(expected);
    }
}
