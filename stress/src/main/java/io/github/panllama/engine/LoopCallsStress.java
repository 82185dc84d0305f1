package io.github.panllama.engine;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Work that is given to the engine's thread while that ends is done, or refused: nobody waits for it for ever. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "done")
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "refused")
@State
public class LoopCallsStress {
    private final LoopCalls calls = new LoopCalls();
    private final AtomicInteger done = new AtomicInteger();
    private @Nullable CompletableFuture<Integer> given;

    @Actor
    public void one() {
        given = calls.start(done::incrementAndGet, () -> {});
    }

    @Actor
    public void engine() {
        calls.run();
        calls.end();
    }

    @Arbiter
    public void end(II_Result result) {
        CompletableFuture<Integer> answer = Objects.requireNonNull(given);
        result.r1 = answer.isDone() ? (answer.isCompletedExceptionally() ? 2 : 1) : 0;
        result.r2 = done.get();
    }
}
