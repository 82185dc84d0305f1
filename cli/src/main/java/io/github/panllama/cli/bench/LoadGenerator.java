package io.github.panllama.cli.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Sends requests to a target: as many at the same time as there are clients, or as they come. A client is a virtual
 * thread.
 *
 * <p><b>Threads.</b> One load at a time; {@link #cancel()} from any thread.
 */
public final class LoadGenerator {
    private final Target target;
    private final IntConsumer progress;
    private final CountDownLatch cancelled = new CountDownLatch(1);

    /**
     * A generator.
     *
     * @param progress is told how many requests of a load have ended, by one thread at a time
     */
    public LoadGenerator(Target target, IntConsumer progress) {
        this.target = target;
        this.progress = progress;
    }

    /** Makes a load end as soon as what the target has begun is over, with a {@link CancellationException}. */
    public void cancel() {
        cancelled.countDown();
    }

    /**
     * A closed loop: each of the clients sends its next request when its last one has ended, until all prompts were
     * sent.
     *
     * @param tokens to generate for each prompt
     * @throws CancellationException if it was cancelled
     */
    public List<CompletedRequest> closedLoop(int clients, List<int[]> prompts, int tokens) {
        Load load = new Load(tokens);
        AtomicInteger next = new AtomicInteger();
        return load.run(executor -> {
            for (int client = 0; client < clients; client++) {
                load.submit(executor, () -> {
                    for (int i = next.getAndIncrement(); i < prompts.size(); i = next.getAndIncrement()) {
                        load.send(prompts.get(i));
                    }
                });
            }
        });
    }

    /**
     * An open loop: requests are sent when their time has come, whatever became of those before.
     *
     * @param arrivals a time for each prompt, from the beginning on, in order
     * @param tokens to generate for each prompt
     * @throws CancellationException if it was cancelled
     */
    public List<CompletedRequest> openLoop(List<Duration> arrivals, List<int[]> prompts, int tokens) {
        Load load = new Load(tokens);
        return load.run(executor -> {
            long start = System.nanoTime();
            for (int i = 0; i < prompts.size() && !load.stops(); i++) {
                int[] prompt = prompts.get(i);
                long left = arrivals.get(i).toNanos() - (System.nanoTime() - start);
                if (left > 0 && cancelled.await(left, TimeUnit.NANOSECONDS)) {
                    break;
                }
                load.submit(executor, () -> load.send(prompt));
            }
        });
    }

    /** Begins the clients of a load. */
    private interface Clients {
        void begin(ExecutorService executor) throws InterruptedException;
    }

    /** One load, and what it has brought so far. */
    private final class Load {
        private final int tokens;
        private final List<CompletedRequest> completed = new ArrayList<>();
        private final List<Future<?>> clients = new ArrayList<>();
        private volatile boolean failed;

        Load(int tokens) {
            this.tokens = tokens;
        }

        boolean stops() {
            return failed || cancelled.getCount() == 0;
        }

        void submit(ExecutorService executor, Runnable client) {
            clients.add(executor.submit(client));
        }

        void send(int[] prompt) {
            if (stops()) {
                return;
            }
            try {
                CompletedRequest request = target.complete(prompt, tokens);
                synchronized (completed) {
                    completed.add(request);
                    progress.accept(completed.size());
                }
            } catch (RuntimeException | Error e) {
                failed = true;
                throw e;
            }
        }

        List<CompletedRequest> run(Clients work) {
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                work.begin(executor);
                for (Future<?> client : clients) {
                    client.get();
                }
            } catch (InterruptedException e) {
                failed = true;
                Thread.currentThread().interrupt();
                throw new CancellationException("Interrupted");
            } catch (ExecutionException e) {
                throw thrown(Objects.requireNonNullElse(e.getCause(), e));
            }
            if (cancelled.getCount() == 0) {
                throw new CancellationException();
            }
            return List.copyOf(completed);
        }

        private RuntimeException thrown(Throwable failure) {
            if (cancelled.getCount() == 0) {
                return new CancellationException();
            }
            return switch (failure) {
                case RuntimeException unchecked -> unchecked;
                case Error error -> throw error;
                default -> new IllegalStateException(failure);
            };
        }
    }
}
