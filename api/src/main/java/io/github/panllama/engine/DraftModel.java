package io.github.panllama.engine;

import io.github.panllama.Batch;
import io.github.panllama.ContextMemory;
import io.github.panllama.DecodeException;
import io.github.panllama.DecodeStatus;
import io.github.panllama.Drafter;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Drafts by a smaller model, for all jobs that ask for it together. Its context has the engine's sequences; before a draft
 * it computes what a sequence has and its memory lacks, which is seldom more than a token or two.
 */
final class DraftModel implements DraftSource, AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private final LlamaContext context;
    private final Drafter drafter;
    private final Batch batch;
    private final int vocabulary;
    private final int targetVocabulary;
    private final Known[] known;
    private final int[] sequences;
    private final int[] limits;
    private final int[] lengths;
    private final int[][] drafts;
    private boolean failed;

    /** What the context's memory holds of a sequence: tokens of a job, and after those that were told, of its draft. */
    private static final class Known {
        private int[] tokens = new int[64];
        private int told;
        private int held;

        void reserve(int size) {
            if (size > tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.max(size, 2 * tokens.length));
            }
        }
    }

    /** Takes over the context, and closes it if it throws. */
    DraftModel(LlamaContext target, LlamaContext context, float leastProbability) {
        this.context = context;
        int count = context.maxSequences();
        try {
            if (context.memory().mostRemovable() < Drafter.MOST_TOKENS) {
                throw new UnsupportedOperationException(
                        context.model() + " cannot draft: its memory cannot lose its last tokens");
            }
            drafter = Drafter.model(target, context, Drafter.MOST_TOKENS, leastProbability);
            batch = context.newBatch();
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
        vocabulary = context.model().vocabularySize();
        targetVocabulary = target.model().vocabularySize();
        known = new Known[count];
        Arrays.setAll(known, _ -> new Known());
        sequences = new int[count];
        limits = new int[count];
        lengths = new int[count];
        drafts = new int[count][];
    }

    @Override
    public void draft(List<Slot> slots) {
        if (failed) {
            return;
        }
        try {
            List<Slot> fitting = new ArrayList<>();
            for (Slot slot : slots) {
                if (update(slot)) {
                    fitting.add(slot);
                }
            }
            makeRoom(fitting);
            if (!fitting.isEmpty()) {
                catchUp(fitting);
                ask(fitting);
            }
        } catch (LlamaException e) {
            // The generations go on without drafts.
            failed = true;
            boolean closing = e instanceof DecodeException decode && decode.status() == DecodeStatus.ABORTED;
            LOG.log(
                    closing ? Level.DEBUG : Level.WARNING,
                    () -> context.model() + " failed to draft, and is not asked again",
                    e);
        }
    }

    /** Notes what a sequence is now, and drops what is not so any more; answers whether the model can draft for it. */
    private boolean update(Slot slot) {
        Known one = known[slot.sequence()];
        int common = slot.same(one.tokens, one.held);
        if (common < one.held) {
            context.memory().remove(slot.sequence(), common, ContextMemory.END);
            one.held = common;
        }
        int length = slot.length() + 1;
        one.reserve(length + slot.draft().limit());
        slot.copyTokens(common, one.tokens, common);
        one.told = Math.min(one.told, common);
        // Vocabularies may differ in a few tokens at their end.
        return Arrays.stream(one.tokens, common, length).allMatch(token -> token < vocabulary)
                && length + slot.draft().limit() <= context.sequenceContextSize();
    }

    /** Lets go the memory of those that are not asked, if need be; and leaves out who does not fit all the same. */
    private void makeRoom(List<Slot> slots) {
        int capacity = context.contextSize();
        int asked = slots.stream().mapToInt(DraftModel::cells).sum();
        int[] ids = slots.stream().mapToInt(Slot::sequence).toArray();
        int others = 0;
        for (int i = 0; i < known.length; i++) {
            others += isIn(ids, i) ? 0 : known[i].held;
        }
        for (int i = 0; i < known.length && asked + others > capacity; i++) {
            if (!isIn(ids, i)) {
                others -= known[i].held;
                forget(i);
            }
        }
        while (asked > capacity) {
            Slot last = slots.removeLast();
            asked -= cells(last);
            forget(last.sequence());
        }
    }

    private static boolean isIn(int[] ids, int sequence) {
        return Arrays.stream(ids).anyMatch(id -> id == sequence);
    }

    private static int cells(Slot slot) {
        return slot.length() + slot.draft().limit();
    }

    private void forget(int sequence) {
        context.memory().remove(sequence);
        known[sequence].held = 0;
    }

    /** Computes what the memory lacks of all tokens but the last. */
    private void catchUp(List<Slot> slots) {
        batch.clear();
        for (Slot slot : slots) {
            Known one = known[slot.sequence()];
            while (one.held < slot.length()) {
                int end = Math.min(slot.length(), one.held + batch.capacity() - batch.size());
                batch.addAll(one.tokens, one.held, end, one.held, slot.sequence(), false);
                one.held = end;
                if (batch.size() == batch.capacity()) {
                    context.decode(batch);
                    batch.clear();
                }
            }
        }
        if (!batch.isEmpty()) {
            context.decode(batch);
        }
    }

    private void ask(List<Slot> slots) {
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            Known one = known[slot.sequence()];
            drafter.tell(slot.sequence(), one.told, one.tokens, one.told, slot.length() + 1);
            one.told = slot.length() + 1;
            sequences[i] = slot.sequence();
            limits[i] = slot.draft().limit();
            drafts[i] = slot.draft().tokens();
        }
        drafter.draft(slots.size(), sequences, limits, drafts, lengths);
        for (int i = 0; i < slots.size(); i++) {
            Known one = known[sequences[i]];
            System.arraycopy(drafts[i], 0, one.tokens, one.told, lengths[i]);
            one.held = context.memory().maxPosition(sequences[i]) + 1;
            slots.get(i).draft().fill(firstUnknown(drafts[i], lengths[i]));
        }
    }

    private int firstUnknown(int[] tokens, int length) {
        int i = 0;
        while (i < length && tokens[i] < targetVocabulary) {
            i++;
        }
        return i;
    }

    void abort() {
        context.abort();
    }

    int operations() {
        return context.operations();
    }

    @Override
    public void close() {
        try {
            batch.close();
        } finally {
            drafter.close();
            context.close();
        }
    }
}
