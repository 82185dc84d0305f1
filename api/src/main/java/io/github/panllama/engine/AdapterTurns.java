package io.github.panllama.engine;

import io.github.panllama.LlamaContext;
import io.github.panllama.LoraAdapter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which adapters the next step applies. llama.cpp applies them to a whole batch, so a step computes sequences with the
 * same ones alone, a group; the other groups wait for their turn, and turns go round.
 */
final class AdapterTurns {
    /** Long enough that the change to another group, which has llama.cpp lay out its graph anew, is a small part. */
    private static final Duration TURN = Duration.ofMillis(10);

    private final LlamaContext context;
    private final long turnNanos;
    /** The groups that have jobs, when there are several: those whose turn was longest ago first, new ones last. */
    private final List<Map<LoraAdapter, Float>> round = new ArrayList<>();

    private Map<LoraAdapter, Float> current = Map.of();
    private Map<LoraAdapter, Float> applied = Map.of();
    private long began;

    /**
     * Turns.
     *
     * @param target the time from one token to the next that is aimed at: with one, each step is a turn
     */
    AdapterTurns(LlamaContext context, @Nullable Duration target) {
        this.context = context;
        turnNanos = target == null ? TURN.toNanos() : 0;
    }

    /** Chooses the group whose turn it is: another one when that of the last step has had its time, or cannot go on. */
    void next(List<Slot> slots, long now) {
        releaseClosed();
        update(slots, now);
        if (round.contains(current) && now - began < turnNanos && canGoOn(current, slots)) {
            return;
        }
        began = now;
        for (int i = 0; i < round.size(); i++) {
            Map<LoraAdapter, Float> group = round.get(i);
            if (canGoOn(group, slots)) {
                round.remove(i);
                round.add(group);
                current = group;
                return;
            }
        }
    }

    /** Where there is one group alone, it has every turn, and nothing is kept. */
    private void update(List<Slot> slots, long now) {
        Map<LoraAdapter, Float> first = null;
        boolean several = false;
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null) {
                first = first == null ? job.adapters() : first;
                several = several || !first.equals(job.adapters());
            }
        }
        if (!several) {
            round.clear();
            current = first == null ? current : first;
            return;
        }
        if (round.isEmpty()) {
            began = now - turnNanos; // the one that was alone has had its time
        }
        round.removeIf(group -> slots.stream().noneMatch(slot -> isOf(group, slot)));
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null && !round.contains(job.adapters())) {
                round.add(job.adapters());
            }
        }
    }

    private static boolean isOf(Map<LoraAdapter, Float> group, Slot slot) {
        Job job = slot.job();
        return job != null && job.adapters().equals(group);
    }

    /** One whose readers are all behind keeps its place and has no turn. */
    private static boolean canGoOn(Map<LoraAdapter, Float> group, List<Slot> slots) {
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null
                    && job.adapters().equals(group)
                    && (slot.isPrefilling() || !job.generation().isPaused())) {
                return true;
            }
        }
        return false;
    }

    /** How many groups share the time; 1 where there is nothing. */
    int groups() {
        return Math.max(1, round.size());
    }

    /** Whether it is the turn of a job's group. */
    boolean has(Job job) {
        return current.equals(job.adapters());
    }

    /**
     * Makes the context apply the adapters of the group whose turn it is.
     *
     * @throws IllegalStateException if one of them is closed; those before stay in force
     */
    void apply() {
        if (!applied.equals(current)) {
            context.setAdapters(current);
            applied = current;
        }
    }

    private void releaseClosed() {
        if (!applied.isEmpty() && applied.keySet().stream().anyMatch(LoraAdapter::isClosed)) {
            release();
            current = applied;
        }
    }

    /** Lets the context's adapters go, so that those that were closed are freed. */
    void release() {
        applied = Map.of();
        context.setAdapters(applied);
    }
}
