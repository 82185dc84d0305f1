package io.github.panllama.engine;

import java.time.Duration;
import java.util.Arrays;

/**
 * Counts what an engine does.
 *
 * <p><b>Threads.</b> The engine's own records; any may ask.
 */
final class StatsRecorder {
    /** Times that percentiles are taken of. */
    static final int SAMPLES = 4096;

    private static final long SECOND = 1_000_000_000L;
    private static final int BUCKETS = 20;

    private final Samples firsts = new Samples();
    private final Samples gaps = new Samples();
    private final long[] perBucket = new long[BUCKETS + 1];
    private long bucket;
    private long steps;
    private long completed;
    private long promptTokens;
    private long cachedTokens;
    private long generatedTokens;
    private long preemptions;
    private long deviceSampled;
    private long hostSampled;
    private long draftedTokens;
    private long acceptedTokens;
    private int active;
    private int usedCells;

    private static final class Samples {
        private final long[] nanos = new long[SAMPLES];
        private long count;

        void add(long value) {
            nanos[(int) (count++ % SAMPLES)] = value;
        }

        EngineStats.Percentiles percentiles() {
            long[] sorted = Arrays.copyOf(nanos, (int) Math.min(count, SAMPLES));
            Arrays.sort(sorted);
            return new EngineStats.Percentiles(at(sorted, 0.5), at(sorted, 0.95), at(sorted, 0.99));
        }

        private static Duration at(long[] sorted, double share) {
            return sorted.length == 0
                    ? Duration.ZERO
                    : Duration.ofNanos(sorted[(int) Math.ceil(share * sorted.length) - 1]);
        }
    }

    synchronized void begun(Job job) {
        promptTokens += job.prompt().length;
        cachedTokens += job.cached();
    }

    synchronized void token(Job job, long now) {
        generatedTokens++;
        (job.generated() == 1 ? firsts : gaps).add(job.lastGap());
        turnTo(now);
        perBucket[index(bucket)]++;
    }

    synchronized void preempted() {
        preemptions++;
    }

    /** A draft was computed. */
    synchronized void drafted(int tokens, int accepted) {
        draftedTokens += tokens;
        acceptedTokens += accepted;
    }

    synchronized void ended(int nowActive, int nowUsedCells) {
        completed++;
        active = nowActive;
        usedCells = nowUsedCells;
    }

    synchronized void sampled(int count, int onDevice) {
        deviceSampled += onDevice;
        hostSampled += count - onDevice;
    }

    synchronized void step(int nowActive, int nowUsedCells) {
        steps++;
        active = nowActive;
        usedCells = nowUsedCells;
    }

    /** Nothing is computed. */
    synchronized void idle(int nowUsedCells) {
        active = 0;
        usedCells = nowUsedCells;
    }

    private void turnTo(long now) {
        long current = Math.floorDiv(now, SECOND / BUCKETS);
        long passed = Math.min(current - bucket, perBucket.length);
        for (long i = 1; i <= passed; i++) {
            perBucket[index(current - passed + i)] = 0;
        }
        bucket = current;
    }

    /** The clock may be below 0. */
    private int index(long someBucket) {
        return Math.floorMod(someBucket, perBucket.length);
    }

    synchronized EngineStats snapshot(
            int sequences, int cells, int queued, EngineStats.Sessions sessions, EngineTuning tuning) {
        turnTo(System.nanoTime());
        // The bucket of now is not full yet, and left out.
        long lastSecond = Arrays.stream(perBucket).sum() - perBucket[index(bucket)];
        return new EngineStats(
                active,
                queued,
                sequences,
                cells,
                usedCells,
                steps,
                completed,
                promptTokens,
                cachedTokens,
                generatedTokens,
                deviceSampled,
                hostSampled,
                draftedTokens,
                acceptedTokens,
                lastSecond,
                firsts.percentiles(),
                gaps.percentiles(),
                preemptions,
                sessions,
                tuning);
    }
}
