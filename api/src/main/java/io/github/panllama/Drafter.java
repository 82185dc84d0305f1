package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Guesses what comes next in one or many sequences, for speculative decoding: the guesses are computed in one batch, all
 * with an output, and those that a sampler would have chosen too are kept. {@link io.github.panllama.engine.LlamaEngine}
 * does that for a request with a {@link io.github.panllama.engine.Speculation}. ({@code common_speculative})
 *
 * <p>A drafter is {@linkplain #tell told} what its sequences are made of, and {@linkplain #draft drafts}.
 *
 * <p><b>Threads.</b> One call at a time; a second one throws {@link IllegalStateException}.
 */
public final class Drafter implements AutoCloseable {
    /** The most tokens of a draft, and of what is looked for. */
    public static final int MOST_TOKENS = 1024;

    private final Owner owner = new Owner("The drafter");
    private final Handle handle;
    private final @Nullable LlamaContext draftContext;
    private final @Nullable LlamaContext followed;
    private final int sequences;
    private final int most;
    private final MemorySegment ids;
    private final MemorySegment limits;
    private final MemorySegment lengths;
    private final MemorySegment drafts;
    private MemorySegment told = MemorySegment.NULL;

    private Drafter(Handle handle, @Nullable LlamaContext draftContext, @Nullable LlamaContext followed, int most) {
        this.handle = handle;
        this.followed = followed;
        this.draftContext = draftContext;
        this.sequences = draftContext == null ? 1 : draftContext.maxSequences();
        this.most = most;
        this.ids = handle.arena().allocate(JAVA_INT, sequences);
        this.limits = handle.arena().allocate(JAVA_INT, sequences);
        this.lengths = handle.arena().allocate(JAVA_INT, sequences);
        this.drafts = handle.arena().allocate(JAVA_INT, (long) sequences * most);
    }

    /** How a {@link #lookup} finds what it looks for. */
    public enum Lookup {
        /** The latest place where the same tokens stand; a draft is no shorter than they are. */
        SIMPLE(LlamaC.PANLLAMA_LOOKUP_SIMPLE()),
        /** A table of places, which costs the same in long texts. After a wrong draft the next one is shorter. */
        MAP(LlamaC.PANLLAMA_LOOKUP_MAP());

        private final int code;

        Lookup(int code) {
            this.code = code;
        }
    }

    /**
     * A drafter for one sequence, 0, without a model: it looks for the last tokens in what came before, and drafts what
     * followed there. For text that repeats itself or its prompt.
     *
     * @param match how many tokens must be the same, from 1 to {@value #MOST_TOKENS}
     * @param most tokens of a draft, from 1 to {@value #MOST_TOKENS}
     */
    public static Drafter lookup(Lookup kind, int match, int most) {
        Objects.requireNonNull(kind, "kind");
        Check.range("match", match, 1, MOST_TOKENS);
        Check.range("most", most, 1, MOST_TOKENS);
        Natives.load();
        Handle handle = adopt(out -> LlamaC.panllama_drafter_lookup(kind.code, match, most, out));
        return new Drafter(handle, null, null, most);
    }

    /**
     * A drafter that lets a smaller model go on, greedily, for all sequences of its context.
     *
     * @param target a context of the model that is drafted for
     * @param draft a context of the other model. Before {@link #draft} its memory must hold all tokens of a sequence but
     *     the last; what it holds afterwards says {@link ContextMemory#maxPosition}. Its outputs are the drafter's
     * @param most tokens of a draft, from 1 to {@value #MOST_TOKENS}
     * @param leastProbability ends a draft before a token that is less likely, from 0 to 1
     * @throws IllegalArgumentException if the two models have different vocabularies
     */
    public static Drafter model(LlamaContext target, LlamaContext draft, int most, float leastProbability) {
        Check.range("most", most, 1, MOST_TOKENS);
        Check.range("leastProbability", leastProbability, 0, 1);
        MemorySegment targetPointer = target.handle().pointer();
        MemorySegment draftPointer = draft.handle().pointer();
        try (Handle.Hold _ = target.handle().hold();
                Handle.Hold _ = draft.handle().hold()) {
            if (LlamaC.panllama_drafter_fits(targetPointer, draftPointer) != LlamaC.PANLLAMA_OK()) {
                throw new IllegalArgumentException(
                        "%s cannot draft for %s: %s".formatted(draft.model(), target.model(), Natives.lastError()));
            }
            Handle handle = adopt(
                    out -> LlamaC.panllama_drafter_model(targetPointer, draftPointer, most, leastProbability, out),
                    target.handle(),
                    draft.handle());
            return new Drafter(handle, draft, null, most);
        }
    }

    /**
     * A drafter that lets the model itself predict further tokens, by the layers that it has for that.
     *
     * @param target a context of the model; from now on each of its batches has to be {@linkplain #follow followed}
     * @param prediction made by {@link LlamaContext#newPredictionContext} of {@code target}, with as many sequences and as
     *     large batches. Before {@link #draft} its memory must hold all tokens of a sequence but the last; what it holds of
     *     those that follow has to be removed afterwards
     * @param most tokens of a draft, from 1 to {@value #MOST_TOKENS}; as many are always predicted
     */
    public static Drafter prediction(LlamaContext target, LlamaContext prediction, int most) {
        Check.range("most", most, 1, MOST_TOKENS);
        if (!prediction.predicts(target)) {
            throw new IllegalArgumentException("prediction was not made by newPredictionContext() of target");
        }
        int sequences = target.maxSequences();
        Check.range("maxSequences of prediction", prediction.maxSequences(), sequences, sequences);
        Check.range("batchSize of prediction", prediction.batchSize(), target.batchSize(), Integer.MAX_VALUE);
        MemorySegment targetPointer = target.handle().pointer();
        MemorySegment predictionPointer = prediction.handle().pointer();
        try (Handle.Hold _ = target.handle().hold();
                Handle.Hold _ = prediction.handle().hold()) {
            Handle handle = adopt(
                    out -> LlamaC.panllama_drafter_prediction(targetPointer, predictionPointer, most, out),
                    target.handle(),
                    prediction.handle());
            target.outputs().forget(); // they lack what is followed
            return new Drafter(handle, prediction, target, most);
        }
    }

    /**
     * Computes what a {@link #prediction} needs of a batch that its target has decoded just now.
     *
     * @throws UnsupportedOperationException if the drafter is not made by {@link #prediction}
     * @throws IllegalArgumentException if the batch is of another context, or has a token of several sequences
     * @throws IllegalStateException if it is not what the context has decoded last
     * @throws LlamaException if the memory of the predicting context does not end where the batch begins, or has no room
     */
    public void follow(Batch batch) {
        Objects.requireNonNull(batch, "batch");
        handle.pointer();
        if (followed == null || draftContext == null) {
            throw new UnsupportedOperationException("Only a drafter that is made by prediction() follows batches");
        }
        try (Owner.Use _ = owner.use();
                Owner.Use _ = followed.owner().use();
                Owner.Use _ = draftContext.owner().use()) {
            followOwned(batch, followed);
        }
    }

    private void followOwned(Batch batch, LlamaContext target) {
        MemorySegment struct = batch.enterDecode();
        try {
            if (!batch.limits().equals(target.limits()) || batch.hasSharedTokens()) {
                throw new IllegalArgumentException(
                        "The batch was not made by the context that is followed, or has tokens of several sequences");
            }
            target.outputs().checkRows(batch.size());
            Natives.check(LlamaC.panllama_drafter_follow(handle.pointer(), struct), "Following a batch");
        } finally {
            batch.exitDecode();
        }
    }

    private static Handle adopt(ToIntFunction<MemorySegment> create, Handle... parents) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            Natives.check(create.applyAsInt(out), "Making the drafter");
            return Handle.adopt("The drafter", out.get(ADDRESS, 0), LlamaC::panllama_drafter_free, parents);
        }
    }

    /**
     * Says what a sequence is made of.
     *
     * @param keep how many of the tokens that were told before still stand at its beginning
     * @param tokens has the tokens after those, from {@code from} to {@code to}
     */
    public void tell(int sequence, int keep, int[] tokens, int from, int to) {
        Objects.requireNonNull(tokens, "tokens");
        handle.pointer();
        Check.index("sequence", sequence, sequences);
        Check.notNegative("keep", keep);
        Objects.checkFromToIndex(from, to, tokens.length);
        try (Owner.Use _ = owner.use()) {
            int count = to - from;
            reserve(count);
            MemorySegment.copy(tokens, from, told, JAVA_INT, 0, count);
            Natives.check(
                    LlamaC.panllama_drafter_tell(handle.pointer(), sequence, keep, told, count), "Telling the drafter");
        }
    }

    private void reserve(int count) {
        if (told.byteSize() < (long) count * Integer.BYTES || told.byteSize() == 0) {
            told = handle.arena().allocate(JAVA_INT, Math.max(64, 2L * count));
        }
    }

    /**
     * Drafts what follows in some sequences.
     *
     * @param count how many
     * @param ids which ones, none of them twice
     * @param limits the most tokens for each; no more than the drafter's own limit are drafted
     * @param drafts gets the draft of each; must have room for it
     * @param lengths gets the length of each draft
     * @throws LlamaException if the draft model fails; what its context holds is then open
     */
    public void draft(int count, int[] ids, int[] limits, int[][] drafts, int[] lengths) {
        handle.pointer();
        Check.range("count", count, 1, sequences);
        try (Owner.Use _ = owner.use()) {
            if (draftContext == null) {
                draftOwned(count, ids, limits, drafts, lengths);
                return;
            }
            try (Owner.Use _ = draftContext.owner().use()) {
                draftContext.outputs().forget();
                draftOwned(count, ids, limits, drafts, lengths);
            }
        }
    }

    private void draftOwned(int count, int[] ids, int[] limits, int[][] drafts, int[] lengths) {
        for (int i = 0; i < count; i++) {
            Check.index("sequence", ids[i], sequences);
            this.ids.setAtIndex(JAVA_INT, i, ids[i]);
            this.limits.setAtIndex(JAVA_INT, i, Math.min(most, Check.notNegative("limit", limits[i])));
        }
        Natives.check(
                LlamaC.panllama_drafter_draft(
                        handle.pointer(), count, this.ids, this.limits, this.drafts, most, this.lengths),
                "Drafting");
        for (int i = 0; i < count; i++) {
            lengths[i] = this.lengths.getAtIndex(JAVA_INT, i);
            MemorySegment.copy(this.drafts, JAVA_INT, (long) i * most * Integer.BYTES, drafts[i], 0, lengths[i]);
        }
    }

    /**
     * Says how many tokens of a sequence's last draft were right, which {@link Lookup#MAP} learns from.
     *
     * @param accepted tokens, from its beginning
     */
    public void accept(int sequence, int accepted) {
        handle.pointer();
        Check.index("sequence", sequence, sequences);
        Check.range("accepted", accepted, 0, most);
        try (Owner.Use _ = owner.use()) {
            Natives.check(
                    LlamaC.panllama_drafter_accept(handle.pointer(), sequence, accepted), "Telling what was accepted");
        }
    }

    /** Frees it, and not the contexts. May be called twice. */
    @Override
    public void close() {
        try (Owner.Use _ = owner.use()) {
            handle.close();
        }
    }
}
