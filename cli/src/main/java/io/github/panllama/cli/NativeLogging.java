package io.github.panllama.cli;

import java.io.PrintWriter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Where the library's log goes: nowhere, because failures arrive as exceptions that carry it; with {@code --verbose} to
 * standard error.
 */
final class NativeLogging {
    /** Held, because java.util.logging forgets the settings of a logger that nobody holds. */
    private static final Logger LOGGER = Logger.getLogger("io.github.panllama");

    private NativeLogging() {}

    /** Must come before the native library is loaded, which asks once which levels are wanted. */
    static void configure(boolean verbose, PrintWriter err) {
        for (Handler handler : LOGGER.getHandlers()) {
            LOGGER.removeHandler(handler);
        }
        LOGGER.setUseParentHandlers(false);
        LOGGER.setLevel(verbose ? Level.ALL : Level.OFF);
        if (verbose) {
            LOGGER.addHandler(new Lines(err));
        }
    }

    private static final class Lines extends Handler {
        private final PrintWriter err;

        Lines(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void publish(LogRecord line) {
            err.println(line.getMessage());
            if (line.getThrown() != null) {
                line.getThrown().printStackTrace(err);
            }
        }

        @Override
        public void flush() {
            err.flush();
        }

        @Override
        public void close() {}
    }
}
