package io.github.panllama.engine;

import java.util.Iterator;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;

/** Carries a generation's chunks to a subscriber, on a virtual thread, as many as it has requested. */
final class ChunkSubscription implements Flow.Subscription {
    private final Generation generation;
    private final Flow.Subscriber<? super GenerationChunk> subscriber;
    /** A permit for every chunk that may go. */
    private final Semaphore requested = new Semaphore(0);

    private volatile boolean cancelled;
    private volatile long wrongRequest = 1;

    private ChunkSubscription(Generation generation, Flow.Subscriber<? super GenerationChunk> subscriber) {
        this.generation = generation;
        this.subscriber = subscriber;
    }

    static void start(Generation generation, Flow.Subscriber<? super GenerationChunk> subscriber) {
        ChunkSubscription subscription = new ChunkSubscription(generation, subscriber);
        Iterator<GenerationChunk> chunks;
        try {
            chunks = generation.iterator();
        } catch (IllegalStateException e) {
            subscription.cancelled = true;
            subscriber.onSubscribe(subscription);
            subscriber.onError(e);
            return;
        }
        Thread.ofVirtual().name("panllama-subscription").start(() -> subscription.run(chunks));
    }

    private void run(Iterator<GenerationChunk> chunks) {
        try {
            subscriber.onSubscribe(this);
            while (!cancelled && chunks.hasNext()) {
                requested.acquire();
                if (wrongRequest <= 0) {
                    throw new IllegalArgumentException("request(%d): must be positive".formatted(wrongRequest));
                }
                if (!cancelled) {
                    subscriber.onNext(chunks.next());
                }
            }
            if (!cancelled) {
                subscriber.onComplete();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            generation.cancel();
        } catch (RuntimeException e) {
            generation.cancel();
            if (!cancelled) {
                subscriber.onError(e);
            }
        }
    }

    @Override
    public void request(long count) {
        if (count <= 0) {
            wrongRequest = count;
            requested.release();
            return;
        }
        // A semaphore holds an int; what is beyond that is as good as no bound.
        int room = Integer.MAX_VALUE / 2 - requested.availablePermits();
        requested.release(Math.clamp(count, 0, Math.max(0, room)));
    }

    @Override
    public void cancel() {
        cancelled = true;
        generation.cancel();
        requested.release();
    }
}
