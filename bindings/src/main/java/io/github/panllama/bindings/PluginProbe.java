package io.github.panllama.bindings;

import io.github.panllama.bindings.process.ChildJvm;
import io.github.panllama.bindings.process.CodePath;
import io.github.panllama.bindings.process.CrashReport;
import io.github.panllama.bindings.process.ExitStatus;
import io.github.panllama.bindings.process.JavaLauncher;
import io.github.panllama.bindings.process.OutputTail;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Loads a GPU plugin in a process of its own before it is loaded here: a driver that crashes, aborts or hangs then ends
 * that process, and this one goes on without the plugin. What was found is kept, so that the next start need not probe.
 */
final class PluginProbe {
    /** {@code once} (which is meant without it), {@code always} or {@code never}. */
    static final String PROPERTY = "panllama.probe";

    /** How long a probe may take. */
    static final String SECONDS_PROPERTY = "panllama.probe.seconds";

    private static final Logger LOGGER = System.getLogger("io.github.panllama.bindings");
    private static final long DEFAULT_SECONDS = 60;
    private static final long HEAP_BYTES = 64L << 20;
    private static final int KEPT_LINES = 20;
    private static final int TOLD_LINES = 5;

    private final NativeFolder core;
    private final ProbeCache cache;
    private final String mode;
    private final long seconds;

    PluginProbe(NativeFolder core) {
        this.core = core;
        this.cache = new ProbeCache(CacheFolder.ofUser().resolve("probes"));
        this.mode = System.getProperty(PROPERTY, "once");
        this.seconds = Long.getLong(SECONDS_PROPERTY, DEFAULT_SECONDS);
        if (!List.of("once", "always", "never").contains(mode)) {
            throw new NativeLoadException("-D%s=%s: it is once, always or never".formatted(PROPERTY, mode));
        }
    }

    /**
     * Why the plugin must not be loaded into this process.
     *
     * @return the reason, and what can be done; {@code null} if it may be loaded, which may fail all the same
     */
    @Nullable
    String refusal(NativeLocator.Plugin plugin, Path file) {
        if (mode.equals("never")) {
            return null;
        }
        String identity = String.join(
                "\n", Pin.RELEASE, DriverIdentity.stamp(file), core.path().toString(), DriverIdentity.current());
        Path known = cache.file(plugin.name(), identity);
        ProbeCache.Finding finding = mode.equals("always") ? null : cache.read(known, Instant.now());
        if (finding == null) {
            try {
                finding = probe(plugin.name(), file);
            } catch (IOException e) {
                LOGGER.log(
                        Level.INFO,
                        () -> "the plugin %s could not be probed, and is loaded at once: %s"
                                .formatted(plugin.name(), e.getMessage()));
                return null;
            }
            if (!Thread.currentThread().isInterrupted()) {
                cache.write(known, finding); // else it is not the plugin's fault
            }
        }
        return finding.reason();
    }

    private ProbeCache.Finding probe(String name, Path file) throws IOException {
        long begin = System.nanoTime();
        Path folder = Files.createTempDirectory("panllama-probe-");
        Path crashFile = folder.resolve("crash.log");
        try {
            Process process = command(file, crashFile).start();
            OutputTail tail = new OutputTail(KEPT_LINES, line -> {});
            Thread reader = Thread.ofPlatform()
                    .name("panllama-probe")
                    .daemon()
                    .start(() -> tail.readAll(process.getInputStream()));
            String fault = fault(process, reader, crashFile);
            LOGGER.log(
                    Level.DEBUG,
                    () -> "probed the plugin %s in %d ms: %s"
                            .formatted(name, (System.nanoTime() - begin) / 1_000_000, fault == null ? "fine" : fault));
            return new ProbeCache.Finding(fault == null ? null : explain(fault, tail.lines()));
        } finally {
            delete(crashFile);
            delete(folder);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // What a plugin did is told all the same.
        }
    }

    private ChildJvm command(Path file, Path crashFile) throws IOException {
        CodePath code = CodePath.of(PluginProbeMain.class, List.of(), List.of(), List.of(), PluginProbeMain.class);
        return new ChildJvm(
                JavaLauncher.find(),
                HEAP_BYTES,
                crashFile,
                List.of(),
                code,
                List.of(core.path().toString(), file.toString()));
    }

    /** Waits for the process, and says how it failed; {@code null} if it did not. */
    private @Nullable String fault(Process process, Thread reader, Path crashFile) {
        boolean interrupted = false;
        String fault;
        try {
            if (process.waitFor(seconds, TimeUnit.SECONDS)) {
                ExitStatus status = new ExitStatus(process.exitValue(), CrashReport.signal(crashFile));
                fault = status.code() == 0
                        ? null
                        : "ended the process that tried to load it, which " + status.description();
            } else {
                fault = "did not answer within %d s in the process that tried to load it".formatted(seconds);
            }
        } catch (InterruptedException e) {
            interrupted = true;
            fault = "was not probed to the end: the thread was interrupted";
        }
        process.destroyForcibly();
        try {
            reader.join(1_000); // the last lines
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return fault;
    }

    private static String explain(String fault, List<String> lines) {
        List<String> last = lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size());
        return "the plugin %s; its driver may be damaged or not fit it%s. It is left out for an hour, or until it or the driver changes; -D%s=always tries at every start, -D%s=never loads it without a trial"
                .formatted(
                        fault,
                        last.isEmpty() ? "" : " (it last said: " + String.join("; ", last) + ")",
                        PROPERTY,
                        PROPERTY);
    }
}
