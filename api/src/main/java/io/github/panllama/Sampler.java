package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;

/**
 * Chooses the next token from a row of logits: a chain of {@link SamplerStage}s with their state, such as the tokens
 * that a penalty looks back at, or the place in a grammar. One sampler serves one sequence.
 *
 * <p><b>Threads.</b> One call at a time; a second one throws {@link IllegalStateException}.
 */
public final class Sampler implements AutoCloseable {
    private final LlamaModel model;
    private final List<SamplerStage> stages;
    private final Handle handle;
    private final Owner owner = new Owner("The sampler");
    private final MemorySegment row;
    private final MemorySegment chain;
    private final MemorySegment token;
    private final MemorySegment topK;

    private Sampler(LlamaModel model, List<SamplerStage> stages, MemorySegment pointer) {
        this.model = model;
        this.stages = stages;
        this.handle = Handle.adopt("The sampler", pointer, LlamaC::panllama_sampler_free, model.handle());
        this.row = handle.arena().allocate(JAVA_INT);
        this.token = handle.arena().allocate(JAVA_INT);
        this.chain = handle.arena().allocate(ADDRESS);
        this.chain.set(ADDRESS, 0, pointer);
        this.topK = handle.arena().allocateFrom(JAVA_INT, firstTopK());
    }

    /**
     * Makes a sampler of these stages, in this order.
     *
     * @throws IllegalArgumentException if the last stage does not select, a grammar has an error, or a stage does not
     *     fit the vocabulary
     */
    public static Sampler of(LlamaModel model, SamplerStage... stages) {
        return of(model, List.of(stages));
    }

    /** Makes a sampler of these stages, in this order. */
    public static Sampler of(LlamaModel model, List<SamplerStage> stages) {
        List<SamplerStage> chain = List.copyOf(stages);
        if (chain.isEmpty() || !chain.getLast().selects()) {
            throw new IllegalArgumentException("A sampler must end with a stage that selects a token: Greedy,"
                    + " Distribution, Mirostat, MirostatV2 or AdaptiveP");
        }
        try (Handle.Hold _ = model.handle().hold()) {
            return new Sampler(model, chain, SamplerFactory.chain(model, chain));
        }
    }

    /** Makes a sampler with the usual stages in their usual order. */
    public static Sampler of(LlamaModel model, SamplingOptions options) {
        return of(model, options.stages());
    }

    /** Makes a sampler that always takes the likeliest token. */
    public static Sampler greedy(LlamaModel model) {
        return of(model, new SamplerStage.Greedy());
    }

    /**
     * Chooses a token from a row of a context's last batch, and counts it as chosen.
     *
     * @throws SamplingException if no token can be chosen; the sampler has then accepted nothing
     * @throws IllegalArgumentException if the row has no output, or the sampler was made for another vocabulary
     */
    public int sample(LlamaContext context, int row) {
        try (Owner.Use _ = context.owner().use();
                Owner.Use _ = owner.use()) {
            context.outputs().checkLogits(row);
            checkVocabulary(context);
            handle.pointer();
            this.row.set(JAVA_INT, 0, row);
            int failed = LlamaC.panllama_sample(
                    MemorySegment.NULL, context.handle().pointer(), 1, this.row, chain, topK, token);
            if (failed != 0) {
                throw failure(
                        Natives.failed(failed) ? Natives.lastError() : Natives.string(LlamaC.panllama_sample_error(0)));
            }
            return token.get(JAVA_INT, 0);
        }
    }

    /**
     * Chooses a token from given logits, and counts it as chosen.
     *
     * @param logits a score for each token of the vocabulary
     * @throws SamplingException if no token can be chosen
     */
    public int sample(float[] logits) {
        int size = model.figures().vocabularySize();
        Check.range("the length of logits", logits.length, size, size);
        try (Owner.Use _ = owner.use();
                Arena arena = Arena.ofConfined()) {
            MemorySegment scores = arena.allocateFrom(JAVA_FLOAT, logits);
            if (LlamaC.panllama_sample_logits(handle.pointer(), firstTopK(), scores, size, token)
                    != LlamaC.PANLLAMA_OK()) {
                throw failure(Natives.lastError());
            }
            return token.get(JAVA_INT, 0);
        }
    }

    /**
     * Counts a token as chosen, such as one of the prompt that penalties shall see.
     *
     * @throws SamplingException if a grammar does not allow it
     */
    public void accept(int token) {
        Check.index("token", token, model.figures().vocabularySize());
        try (Owner.Use _ = owner.use()) {
            if (LlamaC.panllama_sampler_accept(handle.pointer(), token) != LlamaC.PANLLAMA_OK()) {
                throw failure(Natives.lastError());
            }
        }
    }

    /** Forgets what was chosen: back to the start of the grammar, the seeds, and no tokens to look back at. */
    public void reset() {
        try (Owner.Use _ = owner.use()) {
            Natives.check(LlamaC.panllama_sampler_reset(handle.pointer()), "Resetting the sampler");
        }
    }

    /** A second sampler in the same state; {@link SamplerStage.AdaptiveP} alone begins its random numbers anew there. */
    public Sampler copy() {
        try (Owner.Use _ = owner.use();
                Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            Natives.check(LlamaC.panllama_sampler_clone(handle.pointer(), out), "Copying the sampler");
            return new Sampler(model, stages, out.get(ADDRESS, 0));
        }
    }

    /** Gives a sampler of the same stages the state of this one. */
    void copyStateTo(Sampler target) {
        try (Owner.Use _ = owner.use()) {
            Natives.check(
                    LlamaC.panllama_sampler_copy(handle.pointer(), target.handle.pointer()),
                    "Copying the state of the sampler");
        }
    }

    /**
     * The seed of the last stage that has one: what {@link SamplerStage#RANDOM_SEED} stands for in this sampler. Empty
     * where no stage has one. ({@code llama_sampler_get_seed})
     */
    public OptionalInt seed() {
        try (Owner.Use _ = owner.use()) {
            int seed = LlamaC.llama_sampler_get_seed(handle.pointer());
            return seed == SamplerStage.RANDOM_SEED ? OptionalInt.empty() : OptionalInt.of(seed);
        }
    }

    /** How many tokens the first stage keeps; 0 where it is not known beforehand. */
    int firstTopK() {
        return stages.getFirst() instanceof SamplerStage.TopK(int k) ? k : 0;
    }

    /** Its stages, in order. */
    public List<SamplerStage> stages() {
        return stages;
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Frees the sampler. May be called twice. */
    @Override
    public void close() {
        try (Owner.Use _ = owner.use()) {
            handle.close();
        }
    }

    /** The chain's arrays are as long as the vocabulary that it was made for. */
    void checkVocabulary(LlamaContext context) {
        int own = model.figures().vocabularySize();
        int other = context.limits().vocabularySize();
        if (own != other) {
            throw new IllegalArgumentException(
                    "The sampler is for a vocabulary of %d tokens, the context's model has %d".formatted(own, other));
        }
    }

    private static SamplingException failure(String reason) {
        return new SamplingException("No token can be sampled: " + reason);
    }

    Owner owner() {
        return owner;
    }

    Handle handle() {
        return handle;
    }
}
