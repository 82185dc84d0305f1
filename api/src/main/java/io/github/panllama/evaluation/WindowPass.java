package io.github.panllama.evaluation;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Runs one or two models over the windows of a text, all over the same window at a time, and gives out what they
 * expected at each position that counts. Logits of a few rows are held at a time.
 */
final class WindowPass {
    /** Java memory for logits, in floats. */
    private static final int BLOCK_FLOATS = 1 << 22;

    /** What looks at the logits. Called from several threads at once, for each index once. */
    interface Scorer {
        /**
         * Takes what was expected at one position.
         *
         * @param index of the counted position, from 0
         * @param next the token that the text has there
         * @param logits of each model
         */
        void score(int index, int next, float[][] logits);

        /** What was measured over the first {@code count} positions. */
        double figure(int count);
    }

    private final Windows windows;
    private final List<WindowContext> contexts;
    private final Scorer scorer;
    private final Progress progress;
    private final float[][][] block;
    private final int[] next;
    private int blockSize;
    private int scored;

    WindowPass(Windows windows, List<WindowContext> contexts, int vocabulary, Scorer scorer, Progress progress) {
        this.windows = windows;
        this.contexts = contexts;
        this.scorer = scorer;
        this.progress = progress;
        int rows = Math.clamp(BLOCK_FLOATS / ((long) vocabulary * contexts.size()), 1, windows.counted());
        this.block = new float[rows][contexts.size()][vocabulary];
        this.next = new int[rows];
    }

    void run() {
        WindowContext context = contexts.getFirst();
        int step = context.batchPositions(windows.size());
        progress.tell(0, Double.NaN);
        for (int window = 0; window < windows.count(); window += context.sequences()) {
            int end = Math.min(windows.count(), window + context.sequences());
            for (int from = 0; from < windows.size(); from += step) {
                int to = Math.min(windows.size(), from + step);
                step(window, end, from, to);
                int done = to < windows.size() ? window : end;
                progress.tell(done, scored == 0 ? Double.NaN : scorer.figure(scored));
            }
        }
    }

    private void step(int firstWindow, int lastWindow, int from, int to) {
        for (WindowContext context : contexts) {
            context.decode(windows, firstWindow, lastWindow, from, to);
            progress.computed((lastWindow - firstWindow) * (to - from));
        }
        for (int window = firstWindow; window < lastWindow; window++) {
            for (int position = from; position < to; position++) {
                if (windows.counts(window, position)) {
                    take((window - firstWindow) * (to - from) + (position - from), windows.next(window, position));
                }
            }
        }
        flush();
    }

    private void take(int row, int token) {
        for (int i = 0; i < contexts.size(); i++) {
            contexts.get(i).copyLogits(row, block[blockSize][i]);
        }
        next[blockSize++] = token;
        if (blockSize == block.length) {
            flush();
        }
    }

    private void flush() {
        IntStream.range(0, blockSize).parallel().forEach(i -> scorer.score(scored + i, next[i], block[i]));
        scored += blockSize;
        blockSize = 0;
    }
}
