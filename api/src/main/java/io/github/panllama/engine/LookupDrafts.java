package io.github.panllama.engine;

import io.github.panllama.Drafter;
import java.util.List;

/** Drafts for one job from its own text. */
final class LookupDrafts implements DraftSource {
    private final Drafter drafter;
    private final int[] sequence = {0};
    private final int[] limit = new int[1];
    private final int[] length = new int[1];
    private final int[][] draft = new int[1][];
    private int[] tokens = new int[64];
    private int told;

    LookupDrafts(int match, int most) {
        drafter = Drafter.lookup(Drafter.Lookup.SIMPLE, match, most);
    }

    @Override
    public void draft(List<Slot> slots) {
        Slot slot = slots.getFirst();
        tell(slot);
        Draft next = slot.draft();
        limit[0] = next.limit();
        draft[0] = next.tokens();
        drafter.draft(1, sequence, limit, draft, length);
        next.fill(length[0]);
    }

    /** Only what is new. */
    private void tell(Slot slot) {
        int count = slot.tokensFrom(told);
        if (count > tokens.length) {
            tokens = new int[2 * count];
        }
        slot.copyTokens(told, tokens, 0);
        drafter.tell(0, told, tokens, 0, count);
        told += count;
    }

    @Override
    public void accepted(Slot slot, int count) {
        drafter.accept(0, count);
    }

    @Override
    public void shifted() {
        told = 0;
    }

    @Override
    public void jobEnded() {
        drafter.close();
    }
}
