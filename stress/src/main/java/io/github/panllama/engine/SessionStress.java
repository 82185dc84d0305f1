package io.github.panllama.engine;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A {@link Session} of a real engine that several threads want something of. */
public final class SessionStress {
    private static final LlamaEngine ENGINE = StressEngine.start();
    private static final CompletionRequest REQUEST =
            CompletionRequest.builder(new int[] {1}).maxTokens(1).build();

    private SessionStress() {}

    /** Whether that was refused: 0, or done: 1. */
    private static int attempt(Runnable work) {
        try {
            work.run();
            return 1;
        } catch (IllegalStateException refused) {
            return 0;
        }
    }

    /** It is forked while it is closed. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "forked, then closed; both are forgotten")
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "closed")
    @State
    public static class ForkWhileClosing {
        private final Session session = ENGINE.openSession();

        @Actor
        public void one(II_Result result) {
            result.r1 = attempt(() -> session.fork().close());
        }

        @Actor
        public void other() {
            session.close();
        }

        @Arbiter
        public void end(II_Result result) {
            result.r2 = ENGINE.sessions().contains(session) ? 1 : 0;
        }
    }

    /** It generates while it is closed. */
    @JCStressTest
    @Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "begun, and come to an end")
    @Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "refused")
    @State
    public static class GenerateWhileClosing {
        private final Session session = ENGINE.openSession();
        private @Nullable Generation generation;

        @Actor
        public void one(III_Result result) {
            result.r1 = attempt(() -> generation = session.generate(REQUEST));
        }

        @Actor
        public void other() {
            session.close();
        }

        @Arbiter
        public void end(III_Result result) {
            if (generation != null) {
                generation.await();
                result.r3 = generation.isDone() ? 1 : 0;
            }
            result.r2 = ENGINE.sessions().contains(session) ? 1 : 0;
        }
    }

    /** Two generate in it. */
    @JCStressTest
    @Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "the second was refused")
    @Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "the first was refused")
    @Outcome(id = "1, 1, 4", expect = Expect.ACCEPTABLE, desc = "one after the other, in one conversation")
    @State
    public static class GenerateTwice {
        private final Session session = ENGINE.openSession();

        @Actor
        public void one(III_Result result) {
            result.r1 = attempt(this::generate);
        }

        @Actor
        public void other(III_Result result) {
            result.r2 = attempt(this::generate);
        }

        private void generate() {
            session.generate(REQUEST).await();
        }

        @Arbiter
        public void end(III_Result result) {
            result.r3 = session.length();
            session.close();
        }
    }
}
