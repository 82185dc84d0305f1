package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A {@link Generation} between the engine's thread, which adds to it and ends it, and those that read or cancel it. */
public final class GenerationStress {
    private static final GenerationChunk A = new GenerationChunk("a", OptionalInt.of(1), Optional.empty());
    private static final GenerationChunk B = new GenerationChunk("b", OptionalInt.of(2), Optional.empty());

    private GenerationStress() {}

    private static CompletionResult result(FinishReason reason) {
        return new CompletionResult(
                "ab",
                List.of(1, 2),
                List.of(),
                reason,
                Optional.empty(),
                new Usage(1, 0, 2, 0, 0),
                new Timings(Duration.ZERO, Duration.ZERO, List.of(), Duration.ZERO));
    }

    /** 1 for the first chunk, 2 for the second, each a digit; 9 at the end for a failure. */
    private static int read(Iterator<GenerationChunk> chunks) {
        int seen = 0;
        try {
            while (chunks.hasNext()) {
                seen = 10 * seen + chunks.next().token().orElse(0);
            }
            return seen;
        } catch (EngineClosedException failed) {
            return 10 * seen + 9;
        }
    }

    /** It is cancelled while it ends by itself. */
    @JCStressTest
    @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "it ended by itself")
    @Outcome(id = "1, 2, 1", expect = Expect.ACCEPTABLE, desc = "it was cancelled, and is known since when")
    @State
    public static class CancelWhileEnding {
        private volatile int woken;
        private final Generation generation = new Generation(2, () -> woken = 1);

        @Actor
        public void one() {
            generation.cancel();
        }

        @Actor
        public void engine(III_Result result) {
            boolean cancelled = generation.isCancelled();
            result.r1 = cancelled && generation.cancelledAt() != 0 ? 1 : 0;
            generation.complete(result(cancelled ? FinishReason.CANCELLED : FinishReason.STOP));
        }

        @Arbiter
        public void end(III_Result result) {
            result.r2 = generation.await().finishReason() == FinishReason.STOP ? 1 : 2;
            result.r3 = woken;
        }
    }

    /** It is read while it gets two chunks and ends. */
    @JCStressTest
    @Outcome(id = "12, 1", expect = Expect.ACCEPTABLE, desc = "all of it, in order, and then the end")
    @State
    public static class ReadWhileAdding {
        private final Generation generation = new Generation(2, () -> {});

        @Actor
        public void reader(II_Result result) {
            result.r1 = read(generation.iterator());
        }

        @Actor
        public void engine() {
            generation.add(A);
            generation.add(B);
            generation.complete(result(FinishReason.STOP));
        }

        @Arbiter
        public void end(II_Result result) {
            result.r2 = generation.isDone() ? 1 : 0;
        }
    }

    /** It is read while it gets a chunk and fails. */
    @JCStressTest
    @Outcome(id = "19, 1", expect = Expect.ACCEPTABLE, desc = "what there was, and then the failure")
    @State
    public static class ReadWhileFailing {
        private final Generation generation = new Generation(2, () -> {});

        @Actor
        public void reader(II_Result result) {
            result.r1 = read(generation.iterator());
        }

        @Actor
        public void engine() {
            generation.add(A);
            generation.fail(new EngineClosedException(null));
        }

        @Arbiter
        public void end(II_Result result) {
            result.r2 = generation.isDone() ? 1 : 0;
        }
    }

    /** Two want to read it. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the second was refused")
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the first was refused")
    @State
    public static class TwoReaders {
        private final Generation generation = new Generation(2, () -> {});

        @Actor
        public void one(II_Result result) {
            result.r1 = begin();
        }

        @Actor
        public void other(II_Result result) {
            result.r2 = begin();
        }

        private int begin() {
            try {
                var _ = generation.iterator();
                return 1;
            } catch (IllegalStateException hasOne) {
                return 0;
            }
        }
    }

    /** The engine finds that its reader is slow while that reads on. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "it pauses, and is woken")
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "it does not pause")
    @State
    public static class PauseWhileReading {
        private volatile int woken;
        private final Generation generation = new Generation(1, () -> woken = 1);
        private final Iterator<GenerationChunk> chunks = generation.iterator();

        public PauseWhileReading() {
            generation.add(A);
        }

        @Actor
        public void reader() {
            chunks.next();
        }

        @Actor
        public void engine(II_Result result) {
            result.r1 = generation.isPaused() ? 1 : 0;
        }

        @Arbiter
        public void end(II_Result result) {
            result.r2 = woken;
        }
    }
}
