package io.github.panllama.engine;

/** What a job guesses to come next, of which a step confirms the beginning; and how much was right so far. */
final class Draft {
    private final DraftSource source;
    private final int[] tokens;
    private int limit;
    private int length;
    private int confirmed;
    private int drafted;
    private int accepted;

    /**
     * A draft.
     *
     * @param most tokens at a time
     */
    Draft(DraftSource source, int most) {
        this.source = source;
        tokens = new int[most];
    }

    /** Tokens at a time. */
    int most() {
        return tokens.length;
    }

    DraftSource source() {
        return source;
    }

    /** Empties it; the next one may have so many tokens, if the job has no lower limit. */
    void begin(int most) {
        limit = Math.min(most, tokens.length);
        length = 0;
        confirmed = 0;
    }

    /** The most tokens that it may have now. */
    int limit() {
        return limit;
    }

    /** For the source: where the tokens go, of which {@link #fill} then says how many there are. */
    int[] tokens() {
        return tokens;
    }

    void fill(int count) {
        length = Math.min(count, limit);
    }

    /** Shortens it to the room that there is, and before a token that would end its job; answers its length. */
    int cut(int room, Job job) {
        int most = Math.min(length, room);
        length = 0;
        while (length < most && !job.endsAt(tokens[length])) {
            length++;
        }
        return length;
    }

    int token(int i) {
        return tokens[i];
    }

    /** Whether the token that was chosen is the next one of the draft, which was computed then. */
    boolean confirms(int token) {
        if (confirmed == length || tokens[confirmed] != token) {
            return false;
        }
        confirmed++;
        return true;
    }

    /** The step is over; answers how many tokens were computed in vain, at the end of the slot's memory. */
    int settle(Slot slot) {
        int wrong = length - confirmed;
        if (length > 0) {
            source.accepted(slot, confirmed);
        }
        drafted += length;
        accepted += confirmed;
        length = 0;
        confirmed = 0;
        return wrong;
    }

    /** Tokens that were drafted and computed so far. */
    int drafted() {
        return drafted;
    }

    /** Those of them that were right. */
    int accepted() {
        return accepted;
    }

    /** Tokens in the middle of what its source knows were forgotten. */
    void shifted() {
        source.shifted();
    }

    void jobEnded() {
        source.jobEnded();
    }
}
