package io.github.panllama.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Jobs that wait for a place. The first is the one of the highest priority, and among equals the one that waits
 * longest; waiting raises the priority by one every so often.
 *
 * <p><b>Threads.</b> Any.
 */
final class RequestQueue {
    private static final double SMOOTHING = 0.1;
    private static final Duration FIRST_GUESS = Duration.ofMillis(100);

    private final int capacity;
    private final long agingNanos;
    private final List<Job> jobs = new ArrayList<>();
    private double nanosPerEnd = FIRST_GUESS.toNanos();
    private long lastEnd;
    private boolean closed;

    RequestQueue(int capacity, Duration aging) {
        this.capacity = capacity;
        this.agingNanos = TimeUnit.NANOSECONDS.convert(aging);
    }

    /** Refuses more than there is room for, before they are made. */
    synchronized void checkRoom(int count) {
        if (closed) {
            throw new EngineClosedException(null);
        }
        if (count > capacity - jobs.size()) {
            throw new EngineBusyException(jobs.size(), Duration.ofNanos((long) nanosPerEnd));
        }
    }

    /** Adds all of them, or none. */
    synchronized void add(List<Job> added) {
        checkRoom(added.size());
        jobs.addAll(added);
    }

    /** A job that had begun waits again, before its equals. */
    synchronized void putBack(Job job) {
        jobs.addFirst(job);
    }

    /** The jobs in the order in which they should begin. */
    synchronized List<Job> inOrder(long now) {
        List<Job> order = new ArrayList<>(jobs);
        // Sorting is stable: equals stay in the order in which they came.
        order.sort(Comparator.comparingLong((Job job) -> rank(job, now)).reversed());
        return order;
    }

    private long rank(Job job, long now) {
        return job.request().priority + (now - job.submitted()) / agingNanos;
    }

    /** Takes out those that end without having begun. */
    synchronized List<Job> removeEnding(long now) {
        List<Job> ending = List.of();
        for (Job job : jobs) {
            if (job.endsEarly(now) != null) {
                ending = ending.isEmpty() ? new ArrayList<>() : ending;
                ending.add(job);
            }
        }
        if (!ending.isEmpty()) {
            jobs.removeAll(ending);
        }
        return ending;
    }

    /** Until the first deadline passes. */
    synchronized long nanosToDeadline(long now) {
        long nanos = Long.MAX_VALUE;
        for (Job job : jobs) {
            nanos = Math.min(nanos, job.nanosLeft(now));
        }
        return nanos;
    }

    synchronized void remove(Job job) {
        jobs.remove(job);
    }

    synchronized int size() {
        return jobs.size();
    }

    /** Nothing can be added any more; answers what waits. */
    synchronized List<Job> close() {
        closed = true;
        List<Job> left = List.copyOf(jobs);
        jobs.clear();
        return left;
    }

    /** A job has ended, and its place is free. */
    synchronized void ended(long now) {
        if (lastEnd != 0) {
            nanosPerEnd += SMOOTHING * (now - lastEnd - nanosPerEnd);
        }
        lastEnd = now;
    }
}
