package io.github.panllama.cli;

import java.io.PrintWriter;

/** A line that grows, on a terminal; nothing elsewhere. */
final class ProgressBar implements AutoCloseable {
    private static final int WIDTH = 30;

    private final Terminal terminal;
    private final String what;
    private int shown = -1;

    ProgressBar(Terminal terminal, String what) {
        this.terminal = terminal;
        this.what = what;
    }

    /** Shows what is done, from 0 to 1. */
    void show(float fraction) {
        show(fraction, "");
    }

    /** Shows what is done, and more about it. */
    void show(float fraction, String detail) {
        int percent = Math.clamp((int) (fraction * 100), 0, 100);
        if (!terminal.interactive() || percent == shown) {
            return;
        }
        shown = percent;
        int filled = percent * WIDTH / 100;
        PrintWriter err = terminal.err();
        err.print("\r[%s%s] %3d %% %s%s\033[K"
                .formatted("#".repeat(filled), ".".repeat(WIDTH - filled), percent, what, detail));
        err.flush();
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (shown >= 0) {
            terminal.err().print("\r\033[K");
            terminal.err().flush();
        }
    }
}
