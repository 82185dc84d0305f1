package io.github.panllama.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.bindings.NativeJars;
import io.github.panllama.bindings.NativeRuntime;
import io.github.panllama.bindings.process.ChildJvm;
import io.github.panllama.bindings.process.CodePath;
import io.github.panllama.bindings.process.CrashReport;
import io.github.panllama.bindings.process.ExitStatus;
import io.github.panllama.bindings.process.JavaLauncher;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.WorkerCommand;
import io.github.panllama.internal.worker.WorkerExit;
import io.github.panllama.internal.worker.WorkerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each native failure that kills a JVM: without the guard it does, in a process of its own; through the API it is an
 * exception, or does not happen. One has no row: a GPU whose memory is full. It is planned for before a load, and what
 * happens all the same ends a worker, not this process.
 */
class GuardsTest {
    private static final int SECONDS = 60;

    @TempDir
    private static Path folder;

    @TestFactory
    Stream<DynamicNode> rows() {
        return GuardRows.all().stream()
                .flatMap(row -> Stream.of(
                        DynamicTest.dynamicTest(row.name() + ", without the guard", () -> withoutGuard(row)),
                        DynamicTest.dynamicTest(row.name() + ", with it", () -> withGuard(row))));
    }

    /** The hooks that the shim installs keep the message, and what watches the process has it. */
    @Test
    void messageOfAnAbortReachesWhoWatchesTheProcess() throws Exception {
        WorkerCommand command = WorkerCommand.of(AbortingWorker.class)
                .classPath(List.of(root()))
                .arguments(List.of(new GuardFiles(folder).model().toString()))
                .crashFolder(folder);
        try (WorkerProcess worker = WorkerProcess.start(command)) {
            worker.channel().send(new FrameWriter(1));
            WorkerExit exit = worker.onExit().get(SECONDS, TimeUnit.SECONDS);
            assertThat(exit.signal()).isEqualTo("SIGABRT");
            assertThat(exit.lastLines())
                    .anySatisfy(line -> assertThat(line)
                            .contains("panllama: llama.cpp aborts the process: ")
                            .contains("n_tokens_all <= cparams.n_batch"));
        }
    }

    private static void withoutGuard(GuardRow row) throws IOException, InterruptedException {
        Ended ended = run("raw", row);
        assertThat(row.ends()).as(ended.output()).contains(ended.how());
        assertThat(ended.output()).contains(row.said());
        // A debugger that ggml starts says so.
        assertThat(ended.output()).doesNotContain("ptrace", "gdb", "lldb");
    }

    private static void withGuard(GuardRow row) throws IOException, InterruptedException {
        Ended ended = run("guarded", row);
        assertThat(ended.how()).as(ended.output()).isIn("lives", "thrown");
        if (row.refusal() == null) {
            assertThat(ended.output()).contains("lives");
        } else {
            assertThat(ended.output()).contains("thrown " + row.refusal().getName() + ": ");
        }
    }

    /** How a process ended: a signal, {@code exit N}, or the first words of its last line. */
    private record Ended(String how, String output) {}

    private static Ended run(String mode, GuardRow row) throws IOException, InterruptedException {
        Path crashFile = folder.resolve("crash.log");
        Path outputFile = folder.resolve("output.txt");
        Process process = new ChildJvm(
                        JavaLauncher.find(),
                        256L << 20,
                        crashFile,
                        List.of("-XX:TieredStopAtLevel=1"),
                        CodePath.of(
                                GuardMain.class,
                                List.of(LlamaModel.class, NativeRuntime.class),
                                NativeJars.roots(),
                                List.of(root()),
                                NativeRuntime.class),
                        List.of(folder.toString(), mode, row.name()))
                .builder()
                .redirectOutput(outputFile.toFile())
                .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("still running after " + SECONDS + " s: " + Files.readString(outputFile));
        }
        String output = Files.readString(outputFile);
        ExitStatus status = new ExitStatus(process.exitValue(), CrashReport.signal(crashFile));
        Files.deleteIfExists(crashFile);
        if (status.signal() != null) {
            return new Ended(status.signal(), output);
        }
        return new Ended(status.code() == 0 ? lastWords(output) : "exit " + status.code(), output);
    }

    private static String lastWords(String output) {
        List<String> lines = output.lines().toList();
        String returned = lines.stream()
                .filter(line -> line.startsWith("returns "))
                .findFirst()
                .orElse("");
        return returned.isEmpty()
                ? Stream.of("thrown", "refused by C", "lives")
                        .filter(words -> lines.stream().anyMatch(line -> line.startsWith(words)))
                        .findFirst()
                        .orElse("")
                : returned;
    }

    private static Path root() {
        String name = GuardMain.class.getName().replace('.', '/') + ".class";
        String url = GuardMain.class.getResource("/" + name).toString();
        return Path.of(URI.create(url.substring(0, url.length() - name.length())));
    }
}
