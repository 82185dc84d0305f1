package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** A {@link Handle} frees what it owns once, after all that need it, whoever closes what at the same time. */
public final class HandleStress {
    private HandleStress() {}

    /** A native object that counts how often it is freed. */
    private static final class Thing {
        final AtomicInteger freed = new AtomicInteger();

        Handle adopt(Handle... parents) {
            return Handle.adopt("thing", MemorySegment.ofAddress(1), pointer -> freed.incrementAndGet(), parents);
        }
    }

    /** Two threads close it. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "freed once")
    @State
    public static class CloseTwice {
        private final Thing thing = new Thing();
        private final Handle handle = thing.adopt();

        @Actor
        public void one() {
            handle.close();
        }

        @Actor
        public void other() {
            handle.close();
        }

        @Arbiter
        public void end(I_Result result) {
            result.r1 = thing.freed.get();
        }
    }

    /** A parent and its child are closed at the same time. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "each freed once, the child before its parent")
    @State
    public static class CloseParentAndChild {
        private final Thing childThing = new Thing();
        private final AtomicInteger parentFreed = new AtomicInteger();
        private volatile int childFreedBefore;
        private final Handle parent = Handle.adopt("parent", MemorySegment.ofAddress(1), pointer -> freeParent());
        private final Handle child = childThing.adopt(parent);

        private void freeParent() {
            childFreedBefore = childThing.freed.get();
            parentFreed.incrementAndGet();
        }

        @Actor
        public void one() {
            parent.close();
        }

        @Actor
        public void other() {
            child.close();
        }

        @Arbiter
        public void end(III_Result result) {
            result.r1 = parentFreed.get();
            result.r2 = childThing.freed.get();
            result.r3 = childFreedBefore;
        }
    }

    /** A child is made while its parent is closed. */
    @JCStressTest
    @Outcome(id = "1, 0, 1, 1", expect = Expect.ACCEPTABLE, desc = "made: the parent lived until its end")
    @Outcome(id = "0, 1, 1, 1", expect = Expect.ACCEPTABLE, desc = "refused: what it would have owned was freed")
    @State
    public static class AdoptWhileClosing {
        private final Thing parentThing = new Thing();
        private final Thing childThing = new Thing();
        private final Handle parent = parentThing.adopt();
        private @Nullable Handle child;

        @Actor
        public void one(IIII_Result result) {
            try {
                child = childThing.adopt(parent);
                result.r1 = 1;
            } catch (IllegalStateException closed) {
                result.r1 = 0;
            }
        }

        @Actor
        public void other() {
            parent.close();
        }

        @Arbiter
        public void end(IIII_Result result) {
            result.r2 = parentThing.freed.get();
            if (child != null) {
                child.close();
            }
            result.r3 = childThing.freed.get();
            result.r4 = parentThing.freed.get();
        }
    }

    /** It is held while it is closed. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "held, and freed after that")
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "refused, since it was freed")
    @State
    public static class HoldWhileClosing {
        private final Thing thing = new Thing();
        private final Handle handle = thing.adopt();

        @Actor
        public void one(II_Result result) {
            try (Handle.Hold _ = handle.hold()) {
                result.r1 = thing.freed.get() == 0 ? 1 : 2;
            } catch (IllegalStateException closed) {
                result.r1 = 0;
            }
        }

        @Actor
        public void other() {
            handle.close();
        }

        @Arbiter
        public void end(II_Result result) {
            result.r2 = thing.freed.get();
        }
    }

    /** A child lets its parent go, as an adapter that is taken away, while both are closed. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "each freed once")
    @State
    public static class ReleaseWhileClosing {
        private final Thing parentThing = new Thing();
        private final Thing childThing = new Thing();
        private final Handle parent = parentThing.adopt();
        private final Handle child = childThing.adopt(parent);

        @Actor
        public void one() {
            child.release(parent);
            child.close();
        }

        @Actor
        public void other() {
            parent.close();
        }

        @Arbiter
        public void end(II_Result result) {
            result.r1 = childThing.freed.get();
            result.r2 = parentThing.freed.get();
        }
    }

    /** Its memory is read while it is closed. */
    @JCStressTest
    @Outcome(id = "42", expect = Expect.ACCEPTABLE, desc = "read before")
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "refused")
    @State
    public static class ReadWhileClosing {
        private final Handle handle = Handle.memory("memory");
        private final MemorySegment memory = handle.arena().allocateFrom(JAVA_INT, 42);

        @Actor
        public void one(I_Result result) {
            try {
                result.r1 = memory.get(JAVA_INT, 0);
            } catch (IllegalStateException closed) {
                result.r1 = 0;
            }
        }

        @Actor
        public void other() {
            handle.close();
        }
    }
}
