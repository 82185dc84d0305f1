package io.github.panllama;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** What an {@link Owner} guards is used by one thread at a time, and what one leaves the next one sees. */
@JCStressTest
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "one after the other; the second saw what the first did")
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "the second was refused")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "the first was refused")
@State
public class OwnerStress {
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
