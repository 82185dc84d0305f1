package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Question;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.tinymodel.TinyModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Workers that live, and do nothing any more. */
@Timeout(120)
class IsolatedHangTest {
    private static final int SEQUENCES = 2;
    private static final int QUEUED = 4;
    private static final Duration SHORT = Duration.ofSeconds(2);

    private static LlamaModel model;
    private static List<Question> questions;
    private static List<String> answers;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        questions = EngineFixture.questions(model);
        answers = EngineFixture.answers(model, questions);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static LlamaEngine start() {
        return LlamaEngine.startIsolated(
                TinyModel.path(),
                IsolatedFixture.options(engine -> engine.sequences(SEQUENCES).contextSize(4096))
                        .hangTimeout(SHORT)
                        .build());
    }

    @FunctionalInterface
    private interface Stop {
        void apply(ProcessHandle worker) throws Exception;
    }

    private static void stopUnderLoad(Stop stop, String message) throws Exception {
        try (LlamaEngine engine = start()) {
            List<Generation> running = IntStream.range(0, SEQUENCES)
                    .mapToObj(_ -> engine.generate(endless(model, 1_000_000)
                            .contextFull(ContextFullPolicy.SHIFT)
                            .build()))
                    .toList();
            while (engine.stats().active() < SEQUENCES) {
                LockSupport.parkNanos(500_000);
            }
            List<Generation> queued = IntStream.range(0, QUEUED)
                    .mapToObj(i -> engine.generate(greedy(questions.get(i)).build()))
                    .toList();
            ProcessHandle worker = IsolatedFixture.worker(engine);
            long stopped = System.nanoTime();
            stop.apply(worker);
            for (Generation generation : running) {
                EngineCrashedException crash = catchThrowableOfType(EngineCrashedException.class, generation::await);
                assertThat(crash).hasMessageContaining("was ended by force").hasMessageContaining(message);
            }
            // What runs for ever has ended, and not before the time.
            assertThat(System.nanoTime() - stopped).isBetween(SHORT.toNanos() / 2, SHORT.toNanos() * 5);
            for (int i = 0; i < QUEUED; i++) {
                CompletionResult result = get(queued.get(i).result());
                int[] tokens =
                        result.tokens().stream().mapToInt(Integer::intValue).toArray();
                assertThat(model.tokenizer().decode(tokens, true)).isEqualTo(answers.get(i));
            }
            assertThat(worker.isAlive()).isFalse();
            assertThat(IsolatedFixture.worker(engine).pid()).isNotEqualTo(worker.pid());
        }
        assertThat(IsolatedFixture.threads()).isEmpty();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals are sent by kill")
    void aProcessThatIsStoppedCountsAsCrashed() throws Exception {
        stopUnderLoad(worker -> IsolatedFixture.signal(worker, "STOP"), "(it did not answer for 2 s)");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "one thread alone is stopped by ptrace")
    void anEngineInANativeCallWithoutAnEndCountsAsCrashed() throws Exception {
        StoppedThread[] thread = new StoppedThread[1];
        // Where it is stopped outside of C, or while it sends, the rest of the process may have to wait for it, and is
        // silent.
        stopUnderLoad(worker -> thread[0] = StoppedThread.of(worker, "panllama-engine"), " did not answer for 2 s");
        thread[0].awaitEnd();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals are sent by kill")
    void callsOfAWorkerThatHangsFail() throws Exception {
        try (LlamaEngine engine = start()) {
            ProcessHandle worker = IsolatedFixture.worker(engine);
            IsolatedFixture.signal(worker, "STOP");
            assertThatThrownBy(() -> engine.encode("x"))
                    .isInstanceOf(EngineCrashedException.class)
                    .hasMessageContaining("did not answer for 2 s");
            assertThat(engine.encode("x")).isNotEmpty();
        }
    }

    /** It is silent for three times as long as the limit, but for its signs of life. */
    @Test
    void aWorkerWithNothingToDoDoesNotHang() throws Exception {
        try (LlamaEngine engine = start()) {
            ProcessHandle worker = IsolatedFixture.worker(engine);
            assertThatThrownBy(() -> worker.onExit().get(3 * SHORT.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(IsolatedFixture.worker(engine)).isEqualTo(worker);
        }
    }

    @Test
    void aLongStepShowsThatItGoesOn() {
        AtomicInteger operations = new AtomicInteger();
        Pulse pulse = new Pulse(operations::get);
        assertThat(pulse.look(false)).as("at rest").isZero();
        pulse.begins();
        assertThat(pulse.look(false)).as("a new step").isZero();
        assertThat(pulse.look(false)).isEqualTo(1);
        assertThat(pulse.look(false)).isEqualTo(2);
        operations.incrementAndGet();
        assertThat(pulse.look(false)).as("another operation").isZero();
        assertThat(pulse.look(false)).isEqualTo(1);
        assertThat(pulse.look(true)).as("the reader does not read").isZero();
        pulse.rests();
        pulse.begins();
        assertThat(pulse.look(false)).as("the next step").isZero();
        pulse.rests();
        assertThat(pulse.look(false)).isZero();
        assertThat(pulse.look(false)).isZero();
    }

    @Test
    void theProcessorsOperationsAreCountedWhileADecodeRuns() throws Exception {
        ContextOptions options = EngineFixture.fixed(
                        ContextOptions.builder().contextSize(2048).batchSize(2048))
                .build();
        try (LlamaContext context = model.newContext(options);
                Batch batch = context.newBatch()) {
            batch.addAll(new int[2048], 0, 2048, 0, 0, true);
            int before = context.operations();
            int seen = 0;
            Thread decoding = Thread.ofPlatform().start(() -> context.decode(batch));
            while (decoding.isAlive()) {
                int now = context.operations();
                seen += now == before ? 0 : 1;
                before = now;
                Thread.onSpinWait();
            }
            decoding.join();
            assertThat(seen).as("changes that were seen").isGreaterThan(10);
        }
    }

    @Test
    void silenceIsCountedInIntervals() throws Exception {
        HangWatch watch = new HangWatch(Duration.ofSeconds(60));
        assertThat(watch.interval()).isEqualTo(Duration.ofSeconds(1));
        for (int i = 0; i < 59; i++) {
            watch.tick();
        }
        watch.heard();
        for (int i = 0; i < 59; i++) {
            watch.tick();
        }
        assertThatThrownBy(watch::tick).isInstanceOf(ProtocolException.class).hasMessage("it did not answer for 60 s");
        watch.stillFor(Duration.ofSeconds(59));
        assertThatThrownBy(() -> watch.stillFor(Duration.ofSeconds(60)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("its engine did not answer for 60 s");
    }

    @Test
    void zeroWaitsForEver() throws Exception {
        HangWatch watch = new HangWatch(Duration.ZERO);
        assertThat(watch.interval()).isZero();
        watch.stillFor(Duration.ofDays(1));
        IsolatedOptions.Builder options = IsolatedOptions.builder().hangTimeout(Duration.ZERO);
        assertThat(options.build().hangTimeout).isZero();
        assertThatThrownBy(() -> options.hangTimeout(Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0.999S");
        assertThatThrownBy(() -> options.hangTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
