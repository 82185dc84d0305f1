package io.github.panllama.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What a thread allocates in the heap: a number in a file must not ask for more memory than the file has bytes for. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A class that is loaded and instrumented meanwhile allocates too, but not again. */
    private static final int ATTEMPTS = 4;

    private Allocation() {}

    /** Work with a result. */
    public interface Work<T> {
        /** Does it; more than once gives the same. */
        T run() throws Exception;
    }

    /**
     * Does the work and answers its result.
     *
     * @throws AssertionError if it allocates more than so many bytes, each time
     */
    public static <T> T atMost(long bytes, Work<T> work) throws Exception {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            T result = work.run();
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            if (least <= bytes) {
                return result;
            }
        }
        throw new AssertionError("%d bytes are allocated, at most %d should be".formatted(least, bytes));
    }
}
