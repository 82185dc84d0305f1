package io.github.panllama.engine;

import io.github.panllama.ModelOptions;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Isolated engines with the bundled model, and the processes that they have. */
final class IsolatedFixture {
    private IsolatedFixture() {}

    static IsolatedOptions.Builder options(Consumer<EngineOptions.Builder> engine) {
        EngineOptions.Builder options = EngineFixture.options();
        engine.accept(options);
        return IsolatedOptions.builder()
                .model(ModelOptions.builder().gpuLayers(0).build())
                .engine(options.build());
    }

    static LlamaEngine start(Consumer<EngineOptions.Builder> engine) {
        return LlamaEngine.startIsolated(TinyModel.path(), options(engine).build());
    }

    static LlamaEngine start() {
        return start(_ -> {});
    }

    /** The process of an engine's worker; waits for the next one where there is none. */
    static ProcessHandle worker(LlamaEngine engine) {
        long end = System.nanoTime() + EngineFixture.PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            Long pid = ((IsolatedEngine) engine).workerPid();
            Optional<ProcessHandle> process = pid == null ? Optional.empty() : ProcessHandle.of(pid);
            if (process.isPresent()) {
                return process.get();
            }
            LockSupport.parkNanos(500_000);
        }
        throw new AssertionError("there is no worker");
    }

    /** Sends a signal by its name, such as {@code SEGV}. */
    static void signal(ProcessHandle process, String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -%s ended with %d".formatted(name, code));
        }
    }

    /** Threads of this process that belong to workers. */
    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("panllama-worker") || name.startsWith("panllama-recovery"))
                .sorted()
                .toList();
    }
}
