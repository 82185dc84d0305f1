package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that come together begin together, and one that comes alone hardly waits. */
@Timeout(60)
class GatheringTest {
    private static final int SEQUENCES = 8;

    private final Semaphore wake = new Semaphore(0);
    private final AtomicInteger waiting = new AtomicInteger();
    /** How often it was asked how many wait. */
    private final AtomicInteger looks = new AtomicInteger();
    /** How many come each time it looks. */
    private int coming;

    private final Gathering gathering = new Gathering(wake, this::look, SEQUENCES);

    private int look() {
        looks.incrementAndGet();
        int now = waiting.addAndGet(coming);
        if (coming > 0) {
            wake.release();
        }
        return now;
    }

    private void slowSteps() {
        gathering.stepped(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void waitsWhileMoreCome() throws InterruptedException {
        slowSteps();
        coming = 2;
        gathering.gather();
        assertThat(waiting).hasValue(SEQUENCES);
        assertThat(looks).hasValue(SEQUENCES / 2);
    }

    @Test
    void doesNotWaitForNobody() throws InterruptedException {
        slowSteps();
        gathering.gather();
        assertThat(looks).hasValue(1);
    }

    @Test
    void doesNotLookAgainAfterOneThatCameAlone() throws InterruptedException {
        slowSteps();
        waiting.set(1);
        wake.release();
        gathering.gather();
        assertThat(looks).hasValue(1);
    }

    @Test
    void doesNotWaitWhereStepsAreShort() throws InterruptedException {
        coming = 1;
        gathering.gather();
        gathering.stepped(TimeUnit.MILLISECONDS.toNanos(1));
        gathering.gather();
        assertThat(looks).hasValue(0);
    }

    @Test
    void endsThoughMoreKeepComing() throws InterruptedException {
        Gathering endless = new Gathering(wake, this::look, Integer.MAX_VALUE);
        endless.stepped(TimeUnit.HOURS.toNanos(1));
        coming = 1;
        endless.gather();
        assertThat(looks.get()).isGreaterThan(SEQUENCES);
    }
}
