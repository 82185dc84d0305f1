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
    private final QueueCapacity capacity;
    private final long agingNanos;
    private final List<Job> jobs = new ArrayList<>();

    /**
     * A queue.
     *
     * @param capacity of all queues of the engine
     */
    RequestQueue(QueueCapacity capacity, Duration aging) {
        this.capacity = capacity;
        this.agingNanos = TimeUnit.NANOSECONDS.convert(aging);
    }

    /** Adds a job, for which a place was {@linkplain QueueCapacity#take taken}. */
    synchronized void add(Job job) {
        jobs.add(job);
    }

    /** A job that had begun waits again, before its equals. */
    void putBack(Job job) {
        capacity.putBack();
        synchronized (this) {
            jobs.addFirst(job);
        }
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
    List<Job> removeEnding(long now) {
        List<Job> ending = takeEnding(now);
        if (!ending.isEmpty()) {
            capacity.free(ending.size());
        }
        return ending;
    }

    private synchronized List<Job> takeEnding(long now) {
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

    void remove(Job job) {
        synchronized (this) {
            jobs.remove(job);
        }
        capacity.free(1);
    }

    synchronized int size() {
        return jobs.size();
    }

    /** Nothing can be added any more, to no queue of the engine; answers what waits here. */
    List<Job> close() {
        capacity.close();
        List<Job> left = takeAll();
        capacity.free(left.size());
        return left;
    }

    private synchronized List<Job> takeAll() {
        List<Job> left = List.copyOf(jobs);
        jobs.clear();
        return left;
    }

    /** A job has ended, and its place is free. */
    void ended(long now) {
        capacity.ended(now);
    }
}
