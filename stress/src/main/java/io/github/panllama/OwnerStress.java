package io.github.panllama;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** What an {@link Owner} guards is used by one thread at a time, and what one leaves the next one sees. */
public final class OwnerStress {
    private OwnerStress() {}

    /** Two use it, and look whether they are alone. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the second was refused")
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the first was refused")
    @State
    public static class Alone {
        private final Owner owner = new Owner("thing");
        private final AtomicInteger inside = new AtomicInteger();

        @Actor
        public void one(II_Result result) {
            result.r1 = use();
        }

        @Actor
        public void other(II_Result result) {
            result.r2 = use();
        }

        /** 0 where it is refused, 1 where it is alone, 2 where it is not. */
        private int use() {
            try {
                owner.enter();
            } catch (IllegalStateException inUse) {
                return 0;
            }
            try {
                boolean alone = inside.incrementAndGet() == 1;
                inside.decrementAndGet();
                return alone ? 1 : 2;
            } finally {
                owner.exit();
            }
        }
    }

    /** Two change what it guards, which nothing else does. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "the second saw what the first did")
    @Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "the second was refused")
    @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "the first was refused")
    @State
    public static class Sees {
        private final Owner owner = new Owner("thing");
        private int value;

        @Actor
        public void one(III_Result result) {
            result.r1 = use();
        }

        @Actor
        public void other(III_Result result) {
            result.r2 = use();
        }

        @Arbiter
        public void end(III_Result result) {
            result.r3 = value;
        }

        /** Whether it could be used. */
        private int use() {
            try {
                owner.enter();
            } catch (IllegalStateException inUse) {
                return 0;
            }
            try {
                value++;
                return 1;
            } finally {
                owner.exit();
            }
        }
    }
}
