package io.github.panllama.engine;

import io.github.panllama.Batch;
import io.github.panllama.ContextMemory;
import io.github.panllama.Drafter;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Drafts by the model's own layers that predict further tokens. They have a memory of their own, which follows each batch.
 *
 * <p>That memory knows nothing of what sequences share: where a sequence begins with a part of another, it lacks that part
 * or has an older one. Drafts are then worse for a while, and what is generated is the same.
 */
final class PredictionDrafts implements DraftSource, AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");
    private static final int PATIENCE = 8;

    private final LlamaContext context;
    private final Drafter drafter;
    private final int[] sequences;
    private final int[] limits;
    private final int[] lengths;
    private final int[][] drafts;
    private final int[] told;
    private int[] tokens = new int[64];
    private int failures;

    /** Takes over the context, and closes it if it throws. */
    PredictionDrafts(LlamaContext target, LlamaContext context, int most) {
        this.context = context;
        try {
            drafter = Drafter.prediction(target, context, most);
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
        int count = context.maxSequences();
        sequences = new int[count];
        limits = new int[count];
        lengths = new int[count];
        drafts = new int[count][];
        told = new int[count];
    }

    /** The engine has computed a batch, with what is planned for the slots. */
    void follow(Batch batch, List<Slot> slots) {
        if (failures >= PATIENCE) {
            return;
        }
        try {
            for (Slot slot : slots) {
                if (slot.planned() > 0) {
                    endAt(slot.length(), slot.sequence());
                }
            }
            drafter.follow(batch);
            failures = 0;
        } catch (LlamaException e) {
            failed(e);
        }
    }

    /** Sequences that are shared in the engine's memory are not here, so that the room may not do for all. */
    private void failed(LlamaException e) {
        context.memory().clear();
        if (++failures == PATIENCE) {
            LOG.log(Level.WARNING, () -> context.model() + " failed to predict, and is not asked again", e);
        }
    }

    /** Whatever the memory holds of a sequence, the next token that it gets is at this position. */
    private boolean endAt(int position, int sequence) {
        int held = context.memory().maxPosition(sequence) + 1;
        if (held > position) {
            return context.memory().remove(sequence, position, ContextMemory.END);
        }
        if (held < position) {
            context.memory().remove(sequence);
        }
        return held == position;
    }

    @Override
    public void draft(List<Slot> slots) {
        int count = 0;
        for (Slot slot : slots) {
            if (failures == 0 && endAt(slot.length(), slot.sequence())) {
                tell(slot);
                sequences[count] = slot.sequence();
                limits[count] = slot.draft().limit();
                drafts[count++] = slot.draft().tokens();
            }
        }
        if (count == 0) {
            return;
        }
        try {
            drafter.draft(count, sequences, limits, drafts, lengths);
            int next = 0;
            for (Slot slot : slots) {
                if (next < count && sequences[next] == slot.sequence()) {
                    endAt(slot.length(), slot.sequence());
                    slot.draft().fill(lengths[next++]);
                }
            }
        } catch (LlamaException e) {
            failed(e);
        }
    }

    /** Only the number of tokens and the last one matter. */
    private void tell(Slot slot) {
        int sequence = slot.sequence();
        int keep = Math.min(told[sequence], slot.length());
        int count = slot.tokensFrom(keep);
        if (count > tokens.length) {
            tokens = new int[2 * count];
        }
        slot.copyTokens(keep, tokens, 0);
        drafter.tell(sequence, keep, tokens, 0, count);
        told[sequence] = keep + count;
    }

    @Override
    public void accepted(Slot slot, int count) {
        drafter.accept(slot.sequence(), count);
    }

    void abort() {
        context.abort();
    }

    int operations() {
        return context.operations();
    }

    @Override
    public void close() {
        drafter.close();
        context.close();
    }
}
