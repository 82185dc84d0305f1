package io.github.panllama.engine;

import java.util.Arrays;

/**
 * Counts what a replica does.
 *
 * <p><b>Threads.</b> The replica's own records; any may ask.
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

        long[] all() {
            return Arrays.copyOf(nanos, (int) Math.min(count, SAMPLES));
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

    /** Adds what it has to the figures of all. */
    synchronized void addTo(StatsSum sum, int queued, ReplicaLoad load, int cells) {
        turnTo(System.nanoTime());
        // The bucket of now is not full yet, and left out.
        long lastSecond = Arrays.stream(perBucket).sum() - perBucket[index(bucket)];
        sum.add(new EngineStats.Replica(
                active,
                queued,
                load.tokens(),
                load.sequences(),
                cells,
                usedCells,
                steps,
                completed,
                promptTokens,
                cachedTokens,
                generatedTokens,
                lastSecond));
        sum.addTimes(firsts.all(), gaps.all());
        sum.preemptions += preemptions;
        sum.deviceSampled += deviceSampled;
        sum.hostSampled += hostSampled;
        sum.draftedTokens += draftedTokens;
        sum.acceptedTokens += acceptedTokens;
    }
}
