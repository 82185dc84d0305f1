package io.github.panllama.abuse;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads that begin at the same moment. */
final class Together {
    private Together() {}

    /** What a thread does. */
    @FunctionalInterface
    interface Work {
        void run() throws Throwable;
    }

    /** Runs all, each on a thread of its own, and waits for them. */
    static void run(Work... all) throws Throwable {
        CyclicBarrier start = new CyclicBarrier(all.length);
        AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (Work work : all) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                    work.run();
                } catch (Throwable thrown) {
                    wrong.compareAndSet(null, thrown);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable thrown = wrong.get();
        if (thrown != null) {
            throw thrown;
        }
    }
}
