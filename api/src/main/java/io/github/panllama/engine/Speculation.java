package io.github.panllama.engine;

import io.github.panllama.Drafter;
import io.github.panllama.LlamaModel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a generation may guess its next tokens. A step computes the guesses together with the token before them, and keeps
 * those that the request's own sampling chooses too: the result is the same as without, and comes in fewer steps where
 * guesses are often right. {@link Usage} tells how often that was. Where the context uses flash attention, which rounds by
 * what else is computed, a near tie between two tokens may turn out differently, as it may beside other requests.
 *
 * <p>A step with guesses costs more than one without. Guessing pays where a model is slow and its text easy to foresee,
 * and least where many generations run at the same time, which fill steps by themselves.
 *
 * <p>A wrong guess has to leave the model's memory again. Models with a recurrent state (Mamba, hybrids) can do that as
 * far back as their context keeps {@link io.github.panllama.ContextOptions.Builder#recurrentSnapshots}; without them, an
 * engine refuses a request that speculates.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class Speculation {
    private static final int DEFAULT_MATCH = 3;
    private static final int DEFAULT_LOOKUP_TOKENS = 8;
    private static final int DEFAULT_DRAFT_TOKENS = 8;
    private static final float DEFAULT_LEAST_PROBABILITY = 0.5f;

    /** Where guesses come from. */
    enum Kind {
        NGRAM,
        DRAFT_MODEL,
        MULTI_TOKEN
    }

    final Kind kind;
    final int match;
    final int mostTokens;
    final @Nullable LlamaModel draftModel;
    final float leastProbability;

    private Speculation(Kind kind, int match, int mostTokens, @Nullable LlamaModel draftModel, float leastProbability) {
        if (mostTokens < 1 || mostTokens > Drafter.MOST_TOKENS) {
            throw new IllegalArgumentException(
                    "mostTokens is %d, must be in [1, %d]".formatted(mostTokens, Drafter.MOST_TOKENS));
        }
        this.kind = kind;
        this.match = match;
        this.mostTokens = mostTokens;
        this.draftModel = draftModel;
        this.leastProbability = leastProbability;
    }

    /**
     * Guesses from the text itself, as {@link #ngram(int, int)}, by {@value #DEFAULT_MATCH} tokens and up to
     * {@value #DEFAULT_LOOKUP_TOKENS} at a time.
     */
    public static Speculation ngram() {
        return ngram(DEFAULT_MATCH, DEFAULT_LOOKUP_TOKENS);
    }

    /**
     * Guesses from the text itself (prompt lookup): where the last tokens stood before, what followed there follows
     * again. Needs no other model. For text that repeats itself or its prompt: code that is edited, summaries, tables.
     *
     * @param match how many tokens must be the same, from 1 to {@value Drafter#MOST_TOKENS}
     * @param mostTokens the most tokens to guess at a time, from 1 to {@value Drafter#MOST_TOKENS}
     */
    public static Speculation ngram(int match, int mostTokens) {
        if (match < 1 || match > Drafter.MOST_TOKENS) {
            throw new IllegalArgumentException("match is %d, must be in [1, %d]".formatted(match, Drafter.MOST_TOKENS));
        }
        return new Speculation(Kind.NGRAM, match, mostTokens, null, 0);
    }

    /**
     * Lets a smaller model guess, as {@link #draftModel(LlamaModel, int, float)}: up to {@value #DEFAULT_DRAFT_TOKENS}
     * tokens at a time of a probability of {@value #DEFAULT_LEAST_PROBABILITY} or more.
     */
    public static Speculation draftModel(LlamaModel model) {
        return draftModel(model, DEFAULT_DRAFT_TOKENS, DEFAULT_LEAST_PROBABILITY);
    }

    /**
     * Lets a smaller model with the same vocabulary guess. An engine makes a context for it with the first request that
     * names it, one for each {@code leastProbability}, as large as its own; it keeps it until it is closed.
     *
     * @param model stays the caller's to close, in any order
     * @param mostTokens the most tokens to guess at a time, from 1 to {@value Drafter#MOST_TOKENS}
     * @param leastProbability ends a guess before a token that the model finds less likely, from 0 to 1
     */
    public static Speculation draftModel(LlamaModel model, int mostTokens, float leastProbability) {
        Objects.requireNonNull(model, "model");
        return new Speculation(Kind.DRAFT_MODEL, 0, mostTokens, model, checkProbability(leastProbability));
    }

    /**
     * Lets the engine's own draft model guess, {@link EngineOptions.Builder#draftModel}, as
     * {@link #draftModel(int, float)}: up to {@value #DEFAULT_DRAFT_TOKENS} tokens at a time of a probability of
     * {@value #DEFAULT_LEAST_PROBABILITY} or more.
     */
    public static Speculation draftModel() {
        return draftModel(DEFAULT_DRAFT_TOKENS, DEFAULT_LEAST_PROBABILITY);
    }

    /**
     * Lets the engine's own draft model guess, {@link EngineOptions.Builder#draftModel}, which isolated engines can do too.
     *
     * @param mostTokens the most tokens to guess at a time, from 1 to {@value Drafter#MOST_TOKENS}
     * @param leastProbability ends a guess before a token that the model finds less likely, from 0 to 1
     */
    public static Speculation draftModel(int mostTokens, float leastProbability) {
        return new Speculation(Kind.DRAFT_MODEL, 0, mostTokens, null, checkProbability(leastProbability));
    }

    boolean isByTheEnginesDraftModel() {
        return kind == Kind.DRAFT_MODEL && draftModel == null;
    }

    private static float checkProbability(float least) {
        // Written so that NaN fails.
        if (!(least >= 0 && least <= 1)) {
            throw new IllegalArgumentException("leastProbability is %s, must be in [0, 1]".formatted(least));
        }
        return least;
    }

    /**
     * Lets the model itself guess, by the layers that some models have for that (multi-token prediction). Needs an engine
     * with {@link EngineOptions.Builder#multiTokenPrediction}.
     *
     * @param mostTokens the most tokens to guess at a time, from 1 to {@value Drafter#MOST_TOKENS}, and no more than the
     *     engine's own limit
     */
    public static Speculation multiToken(int mostTokens) {
        return new Speculation(Kind.MULTI_TOKEN, 0, mostTokens, null, 0);
    }
}
