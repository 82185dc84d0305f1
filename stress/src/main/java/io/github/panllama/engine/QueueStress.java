package io.github.panllama.engine;

import java.time.Duration;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * No request is lost in a {@link RequestQueue}: each is refused, or waits where the engine's thread finds it, or is
 * there when the queue is closed; and the {@link QueueCapacity} counts what waits.
 */
public final class QueueStress {
    private QueueStress() {}

    /** A queue with one place. */
    private static class Queue {
        final QueueCapacity capacity = new QueueCapacity(1);
        final RequestQueue jobs = new RequestQueue(capacity, Duration.ofSeconds(5));

        /** Whether a job was let in. */
        int submit(Job job) {
            try {
                capacity.take(1, () -> jobs.add(job));
                return 1;
            } catch (EngineBusyException | EngineClosedException refused) {
                return 0;
            }
        }
    }

    /** Two want the last place. */
    @JCStressTest
    @Outcome(id = "1, 0, 1, 1", expect = Expect.ACCEPTABLE, desc = "the second was refused")
    @Outcome(id = "0, 1, 1, 1", expect = Expect.ACCEPTABLE, desc = "the first was refused")
    @State
    public static class TwoForOnePlace {
        private final Queue queue = new Queue();
        private final Job first = StressEngine.job();
        private final Job second = StressEngine.job();

        @Actor
        public void one(IIII_Result result) {
            result.r1 = queue.submit(first);
        }

        @Actor
        public void other(IIII_Result result) {
            result.r2 = queue.submit(second);
        }

        @Arbiter
        public void end(IIII_Result result) {
            result.r3 = queue.jobs.size();
            result.r4 = queue.capacity.waiting();
        }
    }

    /** A request comes while the engine ends. */
    @JCStressTest
    @Outcome(id = "1, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "let in, and told of the end")
    @Outcome(id = "0, 0, 0, 0", expect = Expect.ACCEPTABLE, desc = "refused")
    @State
    public static class SubmitWhileClosing {
        private final Queue queue = new Queue();
        private final Job job = StressEngine.job();

        @Actor
        public void one(IIII_Result result) {
            result.r1 = queue.submit(job);
        }

        @Actor
        public void engine(IIII_Result result) {
            result.r2 = queue.jobs.close().size();
        }

        @Arbiter
        public void end(IIII_Result result) {
            result.r3 = queue.jobs.size();
            result.r4 = queue.capacity.waiting();
        }
    }

    /** A request comes while the one that waits begins. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "it has the place that was free")
    @Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "refused, since there was no place yet")
    @State
    public static class SubmitWhileBeginning {
        private final Queue queue = new Queue();
        private final Job waiting = StressEngine.job();
        private final Job job = StressEngine.job();

        public SubmitWhileBeginning() {
            queue.submit(waiting);
        }

        @Actor
        public void one(III_Result result) {
            result.r1 = queue.submit(job);
        }

        @Actor
        public void engine() {
            queue.jobs.remove(waiting);
        }

        @Arbiter
        public void end(III_Result result) {
            result.r2 = queue.jobs.size();
            result.r3 = queue.capacity.waiting();
        }
    }

    /** One that waits is cancelled while the engine looks for those that end. */
    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "taken out at once")
    @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "taken out the next time")
    @State
    public static class CancelWhileLooking {
        private final Queue queue = new Queue();
        private final Job waiting = StressEngine.job();

        public CancelWhileLooking() {
            queue.submit(waiting);
        }

        @Actor
        public void one() {
            waiting.generation().cancel();
        }

        @Actor
        public void engine(III_Result result) {
            List<Job> ending = queue.jobs.removeEnding(waiting.submitted());
            result.r1 = ending.size();
        }

        @Arbiter
        public void end(III_Result result) {
            result.r2 = queue.jobs.size();
            result.r3 = queue.capacity.waiting();
        }
    }
}
