package io.github.panllama.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.panllama.bindings.NativeRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real child JVMs, ended in every way. After each test nothing of them is left. */
@Timeout(120)
class WorkerProcessTest {
    private static final Duration SHORT = Duration.ofMillis(500);

    @TempDir
    private Path temp;

    private final List<Long> pids = new ArrayList<>();
    private final List<Long> parents =
            new ArrayList<>(List.of(ProcessHandle.current().pid()));

    /** The class path of workers whose main class is a test's. */
    static List<Path> classPath() {
        return Stream.of(WorkerMain.class, WorkerProcess.class, NativeRuntime.class)
                .map(WorkerProcessTest::root)
                .toList();
    }

    private static Path root(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        String url = type.getResource("/" + name).toString();
        String root = url.substring(0, url.length() - name.length());
        return Path.of(URI.create(
                root.startsWith("jar:") ? root.substring("jar:".length(), root.length() - "!/".length()) : root));
    }

    private WorkerCommand command(String how) {
        return WorkerCommand.of(WorkerMain.class)
                .classPath(classPath())
                .arguments(List.of(how))
                .crashFolder(temp.resolve("crashes"));
    }

    private WorkerProcess start(WorkerCommand command) throws IOException {
        WorkerProcess worker = WorkerProcess.start(command);
        pids.add(worker.pid());
        return worker;
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        for (long pid : pids) {
            assertThat(ProcessHandle.of(pid)).isEmpty();
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("panllama-worker"));
        assertThat(folders()).isEmpty();
    }

    /** The folders that this process has made, or a parent that it has started. */
    private List<Path> folders() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path parent : List.of(Path.of(System.getProperty("java.io.tmpdir")), Path.of("/tmp"))) {
            try (Stream<Path> files = Files.list(parent)) {
                files.filter(file -> parents.stream()
                                .anyMatch(pid ->
                                        file.getFileName().toString().startsWith(WorkerFolder.PREFIX + pid + "-")))
                        .forEach(found::add);
            }
        }
        return found;
    }

    /** Keeps what comes back. */
    private static final class Inbox implements FrameHandler {
        final LinkedBlockingQueue<byte[]> contents = new LinkedBlockingQueue<>();
        final CompletableFuture<String> end = new CompletableFuture<>();

        @Override
        public void onFrame(int type, FrameReader frame) throws ProtocolException {
            contents.add(frame.getBytes("content", FrameWriter.MAX_FRAME));
        }

        @Override
        public void onEnd(@Nullable IOException reason) {
            end.complete(String.valueOf(reason));
        }

        String next() throws InterruptedException {
            byte[] content = contents.poll(30, TimeUnit.SECONDS);
            assertThat(content).as("a frame within 30 s").isNotNull();
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    private static void send(WorkerProcess worker, String text) throws IOException {
        worker.channel().send(new FrameWriter(1).putBytes(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void framesGoThereAndBackAndTheEndIsOrderly() throws Exception {
        Inbox inbox = new Inbox();
        WorkerProcess worker = start(command("echo"));
        worker.channel().start(inbox);
        send(worker, "hello");
        assertThat(inbox.next()).isEqualTo("hello");
        String large = "x".repeat(20_000_000);
        send(worker, large);
        assertThat(inbox.next()).isEqualTo(large);
        assertThat(worker.isAlive()).isTrue();

        WorkerExit exit = worker.end();
        assertThat(exit.isOrderly()).as(exit.toString()).isTrue();
        assertThat(exit.lastLines()).contains("the parent has ended its output");
        assertThat(inbox.end.get(10, TimeUnit.SECONDS)).isEqualTo("null");
        assertThat(worker.end()).isEqualTo(exit);
        assertThat(worker.onExit()).isCompletedWithValue(exit);
    }

    @Test
    void workerOfTheMainTreeRunsAsThisJvmDoes() {
        // Without a class path of its own: on the module path where this JVM is. It has no main method, and says so.
        WorkerStartException failure = catchThrowableOfType(
                WorkerStartException.class,
                () -> WorkerProcess.start(WorkerCommand.of(WorkerProcess.class).crashFolder(temp)));
        assertThat(failure).hasMessageContaining("ended before it was ready");
        assertThat(String.join("\n", failure.exit().lastLines()))
                .contains("main")
                .contains(WorkerProcess.class.getName())
                .doesNotContain("ClassNotFoundException", "FindException");
    }

    @Test
    void signalsAreNamedWithTheReportOfTheCrash() throws Exception {
        for (String signal : List.of("SEGV", "BUS", "ILL")) {
            WorkerExit exit = endBySignal(signal);
            assertThat(exit.signal()).as(exit.toString()).isEqualTo("SIG" + signal);
            assertThat(exit.crashFile()).isRegularFile().content().contains("SIG" + signal);
            assertThat(exit.description())
                    .contains("SIG" + signal, exit.crashFile().toString());
            assertThat(exit.isOrderly()).isFalse();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("crashes"))))
                .isEqualTo("rwx------");
    }

    @Test
    void signalsThatLeaveNoReportAreNamed() throws Exception {
        for (String signal : List.of("KILL", "ABRT", "TERM")) {
            WorkerExit exit = endBySignal(signal);
            assertThat(exit.signal()).as(exit.toString()).isEqualTo("SIG" + signal);
            assertThat(exit.crashFile()).isNull();
            assertThat(exit.byForce()).isFalse();
        }
    }

    private WorkerExit endBySignal(String signal) throws Exception {
        Inbox inbox = new Inbox();
        try (WorkerProcess worker = start(command("echo"))) {
            worker.channel().start(inbox);
            worker.channel().send(new FrameWriter(WorkerMain.COMPUTE));
            send(worker, "ready");
            assertThat(inbox.next()).isEqualTo("ready");
            long begin = System.nanoTime();
            new ProcessBuilder("kill", "-" + signal, Long.toString(worker.pid()))
                    .start()
                    .waitFor();
            inbox.end.get(10, TimeUnit.SECONDS);
            WorkerExit exit = worker.onExit().get(10, TimeUnit.SECONDS);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
            assertThat(worker.end()).isEqualTo(exit);
            return exit;
        }
    }

    @Test
    void fullHeapEndsTheWorkerAndIsTold() throws Exception {
        try (WorkerProcess worker = start(command("echo").heap(32L << 20))) {
            worker.channel().start(new Inbox());
            worker.channel().send(new FrameWriter(WorkerMain.FILL_HEAP));
            WorkerExit exit = worker.onExit().get(60, TimeUnit.SECONDS);
            assertThat(exit.code()).isEqualTo(3);
            assertThat(exit.description()).contains("its Java heap is full");
        }
    }

    @Test
    void workerThatHangsIsEndedByForce() throws Exception {
        WorkerProcess worker = start(command("stubborn").closeTimeout(SHORT));
        worker.channel().start(new Inbox());
        WorkerExit exit = worker.end();
        assertThat(exit.byForce()).isTrue();
        assertThat(exit.description()).contains("by force");
    }

    @Test
    void killDoesNotWait() throws Exception {
        try (WorkerProcess worker = start(command("stubborn"))) {
            worker.kill();
            assertThat(worker.onExit().get(10, TimeUnit.SECONDS).byForce()).isTrue();
        }
    }

    @Test
    void floodOfOutputIsTakenAndOnlyItsEndIsKept() throws Exception {
        Inbox inbox = new Inbox();
        try (WorkerProcess worker = start(command("echo"))) {
            worker.channel().start(inbox);
            worker.channel().send(new FrameWriter(WorkerMain.FLOOD));
            assertThat(inbox.next()).isEmpty();
            send(worker, "still there");
            assertThat(inbox.next()).isEqualTo("still there");
            assertThat(worker.end().lastLines())
                    .hasSize(200)
                    .contains("the flood is over")
                    .element(0)
                    .asString()
                    .startsWith("1998");
        }
    }

    @Test
    void workerThatDiesBeforeItIsReadyIsToldWithItsLastWords() {
        WorkerStartException failure =
                catchThrowableOfType(WorkerStartException.class, () -> WorkerProcess.start(command("dies")));
        assertThat(failure)
                .hasMessageContaining("ended before it was ready")
                .hasMessageContaining("exit code 5")
                .hasMessageContaining("cannot go on");
        assertThat(failure.exit().code()).isEqualTo(5);
    }

    @Test
    void workerThatNeverConnectsIsEndedInTime() {
        WorkerStartException failure = catchThrowableOfType(
                WorkerStartException.class,
                () -> WorkerProcess.start(
                        command("silent").startTimeout(Duration.ofSeconds(2)).closeTimeout(SHORT)));
        assertThat(failure).hasMessageContaining("was not ready after 2 s");
        assertThat(failure.exit().byForce()).isTrue();
        pids.add(failure.exit().pid());
    }

    @Test
    void threadThatIsInterruptedLeavesNoWorker() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                WorkerProcess.start(command("silent").closeTimeout(SHORT)).close();
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        while (children().isEmpty()) {
            Thread.onSpinWait();
        }
        pids.addAll(children());
        thread.interrupt();
        assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
        thread.join();
    }

    private static List<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
    }

    @Test
    void launcherThatIsNotThereIsTold() {
        assertThatThrownBy(() -> WorkerProcess.start(command("echo").launcher(temp.resolve("java"))))
                .isInstanceOf(WorkerStartException.class)
                .hasMessageContaining(temp.resolve("java").toString());
    }

    @Test
    void workerInheritsNothingThatItDoesNotNeed() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        try (WorkerProcess worker = start(command("echo").environment(Map.of("PANLLAMA_TEST_GIVEN", "1")))) {
            worker.channel().start(new FrameHandler() {
                @Override
                public void onFrame(int type, FrameReader frame) throws ProtocolException {
                    seen.complete(frame.getString("names", 1 << 20));
                }

                @Override
                public void onEnd(@Nullable IOException reason) {
                    seen.complete(String.valueOf(reason));
                }
            });
            worker.channel().send(new FrameWriter(WorkerMain.ENVIRONMENT));
            assertThat(seen.get(30, TimeUnit.SECONDS))
                    .contains("PANLLAMA_TEST_GIVEN", "panllama.cache")
                    .doesNotContain("JAVA_HOME", "MAVEN", "surefire");
        }
    }

    @Test
    void workerVanishesWithItsParent() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                String.join(":", classPath().stream().map(Path::toString).toList()),
                WorkerParentMain.class.getName()));
        classPath().forEach(entry -> command.add(entry.toString()));
        Process parent = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        parents.add(parent.pid());
        try (BufferedReader output = parent.inputReader()) {
            String line = output.readLine();
            assertThat(line).startsWith("worker ");
            long pid = Long.parseLong(line.substring("worker ".length()));
            pids.add(pid);
            ProcessHandle worker = ProcessHandle.of(pid).orElseThrow();
            long begin = System.nanoTime();
            parent.destroyForcibly();
            // Java itself looks after a process that is no child of its own only now and then.
            while (worker.isAlive() && System.nanoTime() - begin < 30_000_000_000L) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(worker.isAlive()).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
        }
    }
}
