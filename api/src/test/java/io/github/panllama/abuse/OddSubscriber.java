package io.github.panllama.abuse;

import io.github.panllama.engine.GenerationChunk;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;

/** A subscriber that does not keep to the rules of {@link Flow}. */
final class OddSubscriber implements Flow.Subscriber<GenerationChunk> {
    final CountDownLatch failed = new CountDownLatch(1);
    private final long request;
    private final boolean cancels;
    private final String throwing;

    OddSubscriber(long request, boolean cancels) {
        this(request, cancels, "");
    }

    /**
     * A subscriber.
     *
     * @param request what it asks for, once
     * @param cancels whether it cancels then
     * @param throwing its method that throws
     */
    OddSubscriber(long request, boolean cancels, String throwing) {
        this.request = request;
        this.cancels = cancels;
        this.throwing = throwing;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        throwIn("onSubscribe");
        subscription.request(request);
        if (cancels) {
            subscription.cancel();
        }
    }

    @Override
    public void onNext(GenerationChunk chunk) {
        throwIn("onNext");
    }

    @Override
    public void onError(Throwable thrown) {
        failed.countDown();
    }

    @Override
    public void onComplete() {
        throwIn("onComplete");
    }

    private void throwIn(String method) {
        if (throwing.equals(method)) {
            throw new IllegalStateException(method + " throws on purpose");
        }
    }
}
