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
 * Loads a GPU plugin in a process of its own before it is loaded here, and computes on its devices: a driver that crashes,
 * aborts or hangs then ends that process, and this one goes on without the plugin. What was found is kept, so that the next
 * start need not probe.
 */
final class PluginProbe {
    /** {@code once} (which is meant without it), {@code always} or {@code never}. */
    static final String PROPERTY = "panllama.probe";

    /** How long a probe may take. */
    static final String SECONDS_PROPERTY = "panllama.probe.seconds";

    private static final Logger LOGGER = System.getLogger("io.github.panllama.bindings");
    /** What a probe does, which changes when it does more: what an older one found does not tell that. */
    private static final String METHOD = "loads and computes";

    private static final long DEFAULT_SECONDS = 60;
    private static final long HEAP_BYTES = 64L << 20;
    private static final int KEPT_LINES = 20;
    private static final int TOLD_LINES = 5;
    /** For what is told: a line of the log is its message, without another that says when and where. */
    private static final String ONE_LINE = "-Djava.util.logging.SimpleFormatter.format=%5$s%n";

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
                "\n",
                METHOD,
                Pin.RELEASE,
                DriverIdentity.stamp(file),
                core.path().toString(),
                DriverIdentity.current());
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
            if (finding.holds() && !Thread.currentThread().isInterrupted()) {
                cache.write(known, finding); // else it is not the plugin's fault
            }
        }
        return finding.reason();
    }

    private ProbeCache.Finding probe(String name, Path file) throws IOException {
        long begin = System.nanoTime();
        Path folder = Files.createTempDirectory("panllama-probe-");
        Path crashFile = folder.resolve("crash.log");
        Path note = folder.resolve("note.txt");
        try {
            Process process = command(file, crashFile, note).start();
            OutputTail tail = new OutputTail(KEPT_LINES, line -> {});
            Thread reader = Thread.ofPlatform()
                    .name("panllama-probe")
                    .daemon()
                    .start(() -> tail.readAll(process.getInputStream()));
            ExitStatus status = await(process, reader, crashFile);
            ProbeCache.Finding finding = finding(status, PluginProbeMain.read(note), tail.lines());
            LOGGER.log(
                    Level.DEBUG,
                    () -> "probed the plugin %s in %d ms: %s"
                            .formatted(name, (System.nanoTime() - begin) / 1_000_000, finding));
            return finding;
        } finally {
            delete(crashFile);
            delete(note);
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

    private ChildJvm command(Path file, Path crashFile, Path note) throws IOException {
        CodePath code = CodePath.of(PluginProbeMain.class, List.of(), List.of(), List.of(), PluginProbeMain.class);
        return new ChildJvm(
                JavaLauncher.find(),
                HEAP_BYTES,
                crashFile,
                List.of(ONE_LINE),
                code,
                PluginProbeMain.arguments(core.path(), file, note));
    }

    /** Waits for the process; {@code null} if it did not end. */
    private @Nullable ExitStatus await(Process process, Thread reader, Path crashFile) {
        boolean interrupted = false;
        ExitStatus status = null;
        try {
            if (process.waitFor(seconds, TimeUnit.SECONDS)) {
                status = new ExitStatus(process.exitValue(), CrashReport.signal(crashFile));
            }
        } catch (InterruptedException e) {
            interrupted = true;
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
        return status;
    }

    private ProbeCache.Finding finding(@Nullable ExitStatus status, @Nullable String note, List<String> lines) {
        if (status != null && status.code() == PluginProbeMain.FINE) {
            return ProbeCache.Finding.FINE;
        }
        if (status != null && status.code() == PluginProbeMain.UNTRIED) {
            return ProbeCache.Finding.UNTRIED;
        }
        if (status != null && status.code() == PluginProbeMain.UNFIT && note != null) {
            return new ProbeCache.Finding("%s. %s".formatted(note, whatFollows()), true);
        }
        List<String> last = lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size());
        return new ProbeCache.Finding(
                "the plugin %s; its driver may be damaged or not fit it%s. %s"
                        .formatted(
                                fault(status, note == null ? "" : " with a computation on " + note),
                                last.isEmpty() ? "" : " (it last said: " + String.join("; ", last) + ")",
                                whatFollows()),
                true);
    }

    private String fault(@Nullable ExitStatus status, String with) {
        if (status != null) {
            return "ended the process that tried it%s, which %s".formatted(with, status.description());
        }
        return Thread.currentThread().isInterrupted()
                ? "was not probed to the end: the thread was interrupted"
                : "did not answer within %d s in the process that tried it%s".formatted(seconds, with);
    }

    private static String whatFollows() {
        return "It is left out for an hour, or until it or the driver changes; -D%s=always tries at every start, -D%s=never loads it without a trial"
                .formatted(PROPERTY, PROPERTY);
    }
}
