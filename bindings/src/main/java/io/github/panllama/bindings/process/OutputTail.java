package io.github.panllama.bindings.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The last lines of what a process prints. However much it prints, and however long its lines are, no more is kept.
 *
 * <p><b>Threads.</b> One reads; any may ask.
 */
public final class OutputTail {
    private static final int BUFFER_BYTES = 8192;
    private static final int MAX_LINE_BYTES = 4096;

    private final int maxLines;
    private final Consumer<String> listener;
    private final Deque<String> lines = new ArrayDeque<>();
    private final byte[] line = new byte[MAX_LINE_BYTES];
    private int length;

    /**
     * Nothing yet.
     *
     * @param maxLines how many are kept
     * @param listener hears each line, cut like those that are kept; on the reading thread
     */
    public OutputTail(int maxLines, Consumer<String> listener) {
        this.maxLines = maxLines;
        this.listener = listener;
    }

    /**
     * Reads to the end, and then closes the stream. A stream that breaks is one that has ended.
     *
     * @param stream the process's output
     */
    public void readAll(InputStream stream) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (stream) {
            for (int n; (n = stream.read(buffer)) >= 0; ) {
                for (int i = 0; i < n; i++) {
                    accept(buffer[i]);
                }
            }
        } catch (IOException e) {
            // The process is gone.
        }
        endLine();
    }

    private void accept(byte next) {
        if (next == '\n') {
            endLine();
        } else if (length < MAX_LINE_BYTES) {
            line[length] = next;
            length++;
        }
    }

    private void endLine() {
        String text = new String(line, 0, length, StandardCharsets.UTF_8).stripTrailing();
        length = 0;
        if (text.isEmpty()) {
            return;
        }
        synchronized (lines) {
            lines.addLast(text);
            if (lines.size() > maxLines) {
                lines.removeFirst();
            }
        }
        listener.accept(text);
    }

    /** {@return the last lines so far, in order, without empty ones; each cut after 4,096 bytes} */
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }
}
