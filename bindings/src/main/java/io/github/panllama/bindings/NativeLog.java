package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.panllama_log_callback;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * llama.cpp's log, sent to the {@link System.Logger} {@code io.github.panllama.native}. What llama.cpp calls info (some
 * two hundred lines for a model) arrives as {@link Level#DEBUG}, its debug as {@link Level#TRACE}.
 *
 * <p>Lines arrive on the thread that made the native call, or on a native thread that Java sees for that moment only.
 */
public final class NativeLog {
    /** The logger's name. */
    public static final String NAME = "io.github.panllama.native";

    /** How many lines below {@link Level#WARNING}, and how many from it on, a capture keeps: the last ones. */
    private static final int KEPT_LINES = 20;

    private static final int KEPT_WARNINGS = 100;

    private static final Logger LOGGER = System.getLogger(NAME);
    private static final ThreadLocal<@Nullable Recorder> RECORDER = new ThreadLocal<>();

    private static final ThreadLocal<Boolean> SUBDUED = ThreadLocal.withInitial(() -> false);

    private NativeLog() {}

    /** Ends what {@link NativeLog#subdue} began. */
    public interface Subdued extends AutoCloseable {
        /** Ends it, on the thread that began it. */
        @Override
        void close();
    }

    /**
     * From now on nothing of what this thread logs is more than {@link Level#DEBUG}: what it does may fail, and nobody
     * has to know. Captures hear it as it was given.
     *
     * @return ends it
     */
    public static Subdued subdue() {
        boolean before = SUBDUED.get();
        SUBDUED.set(true);
        return () -> SUBDUED.set(before);
    }

    /** What one thread logged between {@link NativeLog#capture} and {@link #close}. */
    public interface Capture extends AutoCloseable {
        /** {@return the lines so far, in order: warnings and errors, and the last lines of any level} */
        List<String> lines();

        /** Ends the capture, on the thread that began it. */
        @Override
        void close();
    }

    /**
     * Starts to keep this thread's lines, beside logging them. Captures nest; each hears everything while it is open.
     *
     * @return what is kept, until its close
     */
    public static Capture capture() {
        Recorder recorder = new Recorder(RECORDER.get());
        RECORDER.set(recorder);
        return recorder;
    }

    /** Directs the native log here, until the JVM shuts down: then nothing must call back into it. */
    static void install() {
        MemorySegment stub = panllama_log_callback.allocate(NativeLog::onMessage, Arena.global());
        // Info is wanted even where nobody logs it, for captures.
        int minLevel = LOGGER.isLoggable(Level.TRACE) ? LlamaC.GGML_LOG_LEVEL_DEBUG() : LlamaC.GGML_LOG_LEVEL_INFO();
        Status.check(LlamaC.panllama_init(stub, MemorySegment.NULL, minLevel));
        Runtime.getRuntime().addShutdownHook(new Thread(NativeLog::uninstall, "panllama-log-off"));
    }

    private static void uninstall() {
        int _ = LlamaC.panllama_init(MemorySegment.NULL, MemorySegment.NULL, LlamaC.GGML_LOG_LEVEL_ERROR());
    }

    private static void onMessage(int level, MemorySegment text, MemorySegment userData) {
        try {
            String message = Pointers.string(text);
            if (message != null) {
                accept(level, message);
            }
        } catch (Throwable e) {
            // A logging handler failed or memory ran out. An exception that leaves an upcall ends the JVM, and a lost
            // line does not.
        }
    }

    /** Takes one native message, which may have several lines. */
    static void accept(int level, String message) {
        Level given = levelOf(level);
        boolean tooLoud = given.getSeverity() > Level.DEBUG.getSeverity() && SUBDUED.get();
        Level javaLevel = tooLoud ? Level.DEBUG : given;
        for (String line : message.stripTrailing().split("\n", -1)) {
            if (line.isBlank()) {
                continue;
            }
            for (Recorder recorder = RECORDER.get(); recorder != null; recorder = recorder.outer) {
                recorder.add(given, line);
            }
            LOGGER.log(javaLevel, line);
        }
    }

    private static Level levelOf(int level) {
        if (level == LlamaC.GGML_LOG_LEVEL_ERROR()) {
            return Level.ERROR;
        }
        if (level == LlamaC.GGML_LOG_LEVEL_WARN()) {
            return Level.WARNING;
        }
        return level == LlamaC.GGML_LOG_LEVEL_DEBUG() ? Level.TRACE : Level.DEBUG;
    }

    private record Line(boolean warning, String text) {}

    private static final class Recorder implements Capture {
        private final @Nullable Recorder outer;
        private final Deque<Line> kept = new ArrayDeque<>();
        private int warnings;

        Recorder(@Nullable Recorder outer) {
            this.outer = outer;
        }

        void add(Level level, String text) {
            boolean warning = level.getSeverity() >= Level.WARNING.getSeverity();
            kept.addLast(new Line(warning, text));
            warnings += warning ? 1 : 0;
            if (warnings > KEPT_WARNINGS) {
                dropFirst(true);
                warnings--;
            } else if (kept.size() - warnings > KEPT_LINES) {
                dropFirst(false);
            }
        }

        private void dropFirst(boolean warning) {
            Iterator<Line> lines = kept.iterator();
            while (lines.next().warning != warning) {}
            lines.remove();
        }

        @Override
        public List<String> lines() {
            return kept.stream().map(Line::text).toList();
        }

        @Override
        public void close() {
            if (RECORDER.get() == this) {
                if (outer == null) {
                    RECORDER.remove();
                } else {
                    RECORDER.set(outer);
                }
            }
        }
    }
}
