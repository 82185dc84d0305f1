package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.evaluation.Question;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.tinymodel.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that are killed, and crash, and what becomes of those who wait for them. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals are sent by kill")
class IsolatedCrashTest {
    /** By hand: {@code -Dpanllama.crashes=200}. */
    private static final int CRASHES = Integer.getInteger("panllama.crashes", 10);

    private static final List<String> SIGNALS = List.of("KILL", "SEGV", "ABRT", "BUS");
    private static final int SEQUENCES = 4;
    private static final int QUEUED = 12;
    private static final long HEAP_GROWTH = 8L << 20;

    private static LlamaModel model;
    private static List<Question> questions;
    private static List<String> answers;

    @TempDir
    private Path folder;

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

    private IsolatedOptions.Builder options() {
        return IsolatedFixture.options(engine -> engine.sequences(SEQUENCES).contextSize(8192))
                .crashFolder(folder.resolve("crashes"));
    }

    private LlamaEngine start() {
        return LlamaEngine.startIsolated(TinyModel.path(), options().build());
    }

    private static CompletionRequest forever() {
        return endless(model, 1_000_000).contextFull(ContextFullPolicy.SHIFT).build();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + EngineFixture.PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it has not come true");
            }
            LockSupport.parkNanos(500_000);
        }
    }

    /** As many generations as there are sequences, all of which have begun. */
    private static List<Generation> fill(LlamaEngine engine) {
        List<Generation> running = IntStream.range(0, SEQUENCES)
                .mapToObj(_ -> engine.generate(forever()))
                .toList();
        await(() -> engine.stats().active() == SEQUENCES);
        return running;
    }

    @Test
    void killedUnderLoadAgainAndAgain() throws Exception {
        try (LlamaEngine engine = start()) {
            List<String> threads = IsolatedFixture.threads();
            long heap = 0;
            int files = 0;
            long slowest = 0;
            for (int round = 0; round < CRASHES; round++) {
                String signal = SIGNALS.get(round % SIGNALS.size());
                slowest = Math.max(slowest, crash(engine, signal, round));
                if (round == Math.min(3, CRASHES / 2)) {
                    heap = usedHeap();
                    files = openFiles();
                }
            }
            assertThat(usedHeap()).isLessThan(heap + HEAP_GROWTH);
            assertThat(openFiles()).isLessThanOrEqualTo(files + 2);
            await(() -> IsolatedFixture.threads().equals(threads));
            assertThat(ProcessHandle.current().children().filter(IsolatedCrashTest::isWorker))
                    .hasSize(1);
            System.out.printf("%d crashes, the slowest exception after %d ms%n", CRASHES, slowest / 1_000_000);
        }
        assertThat(ProcessHandle.current().children().filter(IsolatedCrashTest::isWorker))
                .isEmpty();
        assertThat(IsolatedFixture.threads()).isEmpty();
    }

    private static boolean isWorker(ProcessHandle process) {
        return process.info().commandLine().orElse("").contains(EngineWorker.class.getName());
    }

    /** Crashes a worker; answers after how many nanoseconds the last of its generations had failed. */
    private static long crash(LlamaEngine engine, String signal, int round) throws Exception {
        List<Generation> running = fill(engine);
        List<Generation> queued = IntStream.range(0, QUEUED)
                .mapToObj(i -> engine.generate(greedy(question(round, i)).build()))
                .toList();
        ProcessHandle worker = IsolatedFixture.worker(engine);
        List<CompletableFuture<Long>> failed = running.stream()
                .map(generation -> generation.result().handle((_, failure) -> {
                    assertThat(failure).hasRootCauseInstanceOf(EngineCrashedException.class);
                    return System.nanoTime();
                }))
                .toList();
        long sent = System.nanoTime();
        IsolatedFixture.signal(worker, signal);
        long slowest = 0;
        for (CompletableFuture<Long> failure : failed) {
            slowest = Math.max(slowest, failure.get(30, TimeUnit.SECONDS) - sent);
        }
        assertThat(Duration.ofNanos(slowest)).as(signal).isLessThan(Duration.ofSeconds(2));
        for (int i = 0; i < QUEUED; i++) {
            CompletionResult result = get(queued.get(i).result());
            int[] tokens = result.tokens().stream().mapToInt(Integer::intValue).toArray();
            assertThat(model.tokenizer().decode(tokens, true)).isEqualTo(answers.get((round + i) % questions.size()));
        }
        assertThat(worker.isAlive()).isFalse();
        return slowest;
    }

    private static Question question(int round, int i) {
        return questions.get((round + i) % questions.size());
    }

    private static long usedHeap() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    private static int openFiles() throws Exception {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (var files = Files.list(descriptors)) {
            return (int) files.count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "SEGV", "ABRT", "BUS", "ILL"})
    void theExceptionTellsHowTheWorkerEnded(String signal) throws Exception {
        try (LlamaEngine engine = start()) {
            Generation generation = engine.generate(forever());
            await(() -> engine.stats().active() == 1);
            IsolatedFixture.signal(IsolatedFixture.worker(engine), signal);
            EngineCrashedException crash = catchThrowableOfType(EngineCrashedException.class, generation::await);
            assertThat(crash.signal()).contains("SIG" + signal);
            assertThat(crash).hasMessageContaining("SIG" + signal);
            // Neither SIGKILL nor SIGABRT lets the JVM say more.
            if (!signal.equals("KILL") && !signal.equals("ABRT")) {
                Path report = crash.crashFile().orElseThrow();
                assertThat(report).startsWith(folder.resolve("crashes"));
                assertThat(Files.readString(report)).contains("SIG" + signal);
            }
        }
    }

    @Test
    void aWorkerWhoseHeapIsFullIsFollowedByAnother() throws Exception {
        LlamaEngine started = LlamaEngine.startIsolated(
                TinyModel.path(), options().workerHeap(24L << 20).build());
        try (LlamaEngine engine = started) {
            Generation generation = engine.generate(forever());
            await(() -> engine.stats().active() == 1);
            EngineCrashedException crash =
                    catchThrowableOfType(EngineCrashedException.class, () -> engine.decode(new int[12_000_000]));
            assertThat(crash.exitCode()).isEqualTo(3);
            assertThat(crash.signal()).isEmpty();
            assertThat(crash.lastLines()).anyMatch(line -> line.contains("OutOfMemoryError"));
            assertThatThrownBy(generation::await).isInstanceOf(EngineCrashedException.class);
            assertThat(engine.encode("still there")).isNotEmpty();
        }
    }

    @Test
    void whileThereIsNoWorkerRequestsWait() throws Exception {
        try (LlamaEngine engine = LlamaEngine.startIsolated(
                TinyModel.path(),
                IsolatedFixture.options(options -> options.sequences(1).queueCapacity(4))
                        .build())) {
            Session session = engine.openSession();
            IsolatedFixture.worker(engine).destroyForcibly();
            await(() -> ((IsolatedEngine) engine).workerPid() == null);
            Generation waiting = engine.generate(greedy(questions.getFirst()).build());
            Generation cancelled = engine.generate(forever());
            Generation more = engine.generate(forever());
            Generation wrong =
                    session.generate(CompletionRequest.builder(new int[] {-1}).build());
            assertThatThrownBy(() -> engine.generate(forever())).isInstanceOf(EngineBusyException.class);
            more.cancel();
            cancelled.cancel();
            assertThat(get(cancelled.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(get(more.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
            Generation late = engine.generate(
                    endless(model, 1000).timeout(Duration.ofMillis(1)).build());
            assertThat(get(late.result()).finishReason()).isEqualTo(FinishReason.DEADLINE);
            assertThat(get(waiting.result()).finishReason()).isEqualTo(FinishReason.STOP);
            assertThatThrownBy(wrong::await).isInstanceOf(IllegalArgumentException.class);
            assertThat(get(session.generate(greedy(questions.getFirst()).build())
                                    .result())
                            .finishReason())
                    .isEqualTo(FinishReason.STOP);
            session.close();
        }
    }

    @Test
    void workersThatCrashAgainAndAgainAreGivenUp() throws Exception {
        IsolatedOptions twice = options().crashLimit(2, Duration.ofMinutes(1)).build();
        try (LlamaEngine engine = LlamaEngine.startIsolated(TinyModel.path(), twice)) {
            ProcessHandle first = IsolatedFixture.worker(engine);
            first.destroyForcibly();
            await(() -> !first.isAlive() && IsolatedFixture.worker(engine).pid() != first.pid());
            List<Generation> running = fill(engine);
            Generation queued = engine.generate(forever());
            IsolatedFixture.worker(engine).destroyForcibly();
            for (Generation generation : running) {
                assertThatThrownBy(generation::await).isInstanceOf(EngineCrashedException.class);
            }
            assertThatThrownBy(queued::await)
                    .isInstanceOf(EngineClosedException.class)
                    .hasMessageContaining("2 crashes in a row, each within 60 s")
                    .hasRootCauseInstanceOf(EngineCrashedException.class);
            assertThatThrownBy(() -> engine.generate(forever()))
                    .isInstanceOf(EngineClosedException.class)
                    .hasMessageContaining("2 crashes");
            assertThatThrownBy(() -> engine.encode("x")).isInstanceOf(EngineClosedException.class);
        }
    }

    @Test
    void anotherModelInTheSamePlaceEndsTheEngine() throws Exception {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(Architecture.LLAMA).seed(1).write(file);
        IsolatedOptions here = IsolatedOptions.builder()
                .model(ModelOptions.builder().gpuLayers(0).build())
                .build();
        try (LlamaEngine engine = LlamaEngine.startIsolated(file, here)) {
            Path other = folder.resolve("other.gguf");
            SyntheticModel.builder(Architecture.LLAMA).seed(2).write(other);
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            IsolatedFixture.worker(engine).destroyForcibly();
            Throwable[] failure = new Throwable[1];
            await(() -> {
                failure[0] = catchThrowable(() -> engine.encode("x"));
                return failure[0] instanceof EngineClosedException;
            });
            assertThat(failure[0]).hasMessageContaining("is another model now");
        }
    }

    @Test
    void closingWhileTheNextWorkerStartsLeavesNothing() throws Exception {
        LlamaEngine engine = start();
        IsolatedFixture.worker(engine).destroyForcibly();
        await(() -> ((IsolatedEngine) engine).workerPid() == null);
        Generation waiting = engine.generate(forever());
        await(() -> ProcessHandle.current().children().anyMatch(IsolatedCrashTest::isWorker));
        engine.close();
        assertThatThrownBy(waiting::await).isInstanceOf(EngineClosedException.class);
        assertThat(IsolatedFixture.threads()).isEmpty();
        assertThat(ProcessHandle.current().children().filter(IsolatedCrashTest::isWorker))
                .isEmpty();
    }

    @Test
    void crashesInARowPauseForLongerAndLonger() {
        CrashLimit limit = new CrashLimit(5, Duration.ofSeconds(10));
        List<Long> pauses = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < 4; i++) {
            assertThat(limit.crashed(now += 1_000_000)).isFalse();
            pauses.add(limit.pause().toMillis());
        }
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L);
        limit.completed();
        assertThat(limit.crashed(now)).isFalse();
        assertThat(limit.pause()).isEqualTo(Duration.ofMillis(100));
        // One that has served for long begins a new row.
        for (int i = 0; i < 8; i++) {
            limit.serves(now);
            assertThat(limit.crashed(now += 11_000_000_000L)).isFalse();
            assertThat(limit.pause()).isEqualTo(Duration.ofMillis(100));
        }
        // Those that do not even start are in one row, however long that takes.
        for (int i = 0; i < 3; i++) {
            assertThat(limit.crashed(now += 60_000_000_000L)).isFalse();
        }
        assertThat(limit.crashed(now)).isTrue();
        assertThat(limit.pause()).isEqualTo(Duration.ofMillis(1600));
    }

    /** Else the next worker could be full when they come. */
    @Test
    void whatWaitsComesBeforeWhatIsSubmittedWhileTheNextWorkerStarts() throws Exception {
        int queue = 8;
        try (LlamaEngine engine = LlamaEngine.startIsolated(
                TinyModel.path(),
                IsolatedFixture.options(options -> options.sequences(1).queueCapacity(queue))
                        .build())) {
            IsolatedFixture.worker(engine).destroyForcibly();
            await(() -> ((IsolatedEngine) engine).workerPid() == null);
            List<Generation> waiting = IntStream.range(0, queue)
                    .mapToObj(i -> engine.generate(greedy(question(0, i)).build()))
                    .toList();
            List<Thread> others = IntStream.range(0, 3)
                    .mapToObj(_ -> Thread.ofVirtual().start(() -> submitUntil(engine, waiting)))
                    .toList();
            for (Generation generation : waiting) {
                assertThat(get(generation.result()).finishReason()).isEqualTo(FinishReason.STOP);
            }
            for (Thread other : others) {
                other.join();
            }
        }
    }

    private static void submitUntil(LlamaEngine engine, List<Generation> ended) {
        while (!ended.stream().allMatch(Generation::isDone)) {
            try {
                engine.generate(endless(model, 50).build()).await();
            } catch (EngineBusyException e) {
                LockSupport.parkNanos(100_000);
            }
        }
    }

    @Test
    void aRequestIsNotGivenToWorkerAfterWorkerThatCrashesOnIt() {
        RemoteJob first = job();
        assertThat(first.waitsAgain(true)).as("while it was sent").isTrue();
        first.sendsTo(null);
        first.accepted();
        assertThat(first.waitsAgain(false)).as("while another was computed").isTrue();
        first.sendsTo(null);
        first.accepted();
        assertThat(first.waitsAgain(true)).as("while it may have been begun").isTrue();
        first.sendsTo(null);
        first.accepted();
        assertThat(first.waitsAgain(true)).as("for the second time").isFalse();
        RemoteJob second = job();
        second.begun();
        assertThat(second.waitsAgain(false)).isFalse();
    }

    private static RemoteJob job() {
        RemoteJob job = new RemoteJob(1, forever(), null, new int[0], 1, new CompletableFuture<>());
        job.sendsTo(null);
        return job;
    }
}
