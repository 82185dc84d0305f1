/*
 * panllama_speculative.h: drafts of what may come next in a sequence, which only libllama-common makes
 * (common/speculative.h). Part of panllama.h, whose rules hold here too. Whether a draft is right is for the caller to
 * see: it computes the drafted tokens in one batch and keeps those that its own sampler would have chosen.
 *
 * Threads. A drafter belongs to one thread at a time, as does the context of a draft model.
 */
#ifndef PANLLAMA_SPECULATIVE_H
#define PANLLAMA_SPECULATIVE_H

#ifndef PANLLAMA_H
#    error "include panllama.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Guesses what comes next in one or many sequences. */
struct panllama_drafter;

/* The draft is what came after the latest place with the same last tokens, if it is no shorter than those. */
#define PANLLAMA_LOOKUP_SIMPLE 0
/* As above, through a table of places, so that it costs the same in long texts; drafts adapt to what was accepted. */
#define PANLLAMA_LOOKUP_MAP 1

/*
 * A drafter for one sequence, 0, that looks for the last `match` tokens in what came before and drafts up to `most`
 * tokens that followed there. Needs no model. Both are in [1, 1024].
 */
PANLLAMA_API int32_t panllama_drafter_lookup(int32_t kind, int32_t match, int32_t most, struct panllama_drafter ** out)
    PANLLAMA_NOEXCEPT;

/*
 * Whether a model can draft for another: the vocabularies are the same, but for up to 128 tokens at their end and the text
 * of the first 5. PANLLAMA_FAILED, with what differs, when it cannot.
 */
PANLLAMA_API int32_t panllama_drafter_fits(const struct llama_context * target, const struct llama_context * draft)
    PANLLAMA_NOEXCEPT;

/*
 * A drafter that lets another model go on, greedily, in `draft`: a context with a memory that can lose its last tokens,
 * for as many sequences as there shall be. It ends a draft before a token whose probability is under
 * `least_probability`. `target` is a context of the model that is drafted for, and panllama_drafter_fits must have said
 * yes. `draft` must outlive the drafter.
 */
PANLLAMA_API int32_t panllama_drafter_model(struct llama_context * target, struct llama_context * draft, int32_t most,
                                            float least_probability, struct panllama_drafter ** out) PANLLAMA_NOEXCEPT;

/*
 * A drafter by those layers of the model itself that predict further tokens. `prediction` is a context of the same model
 * with LLAMA_CONTEXT_TYPE_MTP, for as many sequences as `target`, which from now on also outputs what those layers take in.
 * Aborts the process where the model has no such layers. Both contexts must outlive the drafter.
 */
PANLLAMA_API int32_t panllama_drafter_prediction(struct llama_context * target, struct llama_context * prediction,
                                                 int32_t most, struct panllama_drafter ** out) PANLLAMA_NOEXCEPT;
/*
 * Computes in `prediction` what `target` has decoded just now, each token in one sequence. Fails where the memory has no
 * room, or does not end where the batch begins.
 */
PANLLAMA_API int32_t panllama_drafter_follow(struct panllama_drafter * drafter, const struct llama_batch * batch)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_drafter_free(struct panllama_drafter * drafter) PANLLAMA_NOEXCEPT;

/* A sequence is now its first `keep` tokens, as told before, and these. */
PANLLAMA_API int32_t panllama_drafter_tell(struct panllama_drafter * drafter, int32_t sequence, int32_t keep,
                                           const int32_t * tokens, int32_t count) PANLLAMA_NOEXCEPT;

/*
 * Drafts what follows in each of `count` different sequences: up to `most[i]` tokens, from `drafts[i * stride]` on, and
 * `lengths[i]` says how many. With a draft model, its context must hold of each sequence all tokens but the last; it then
 * also holds that one and those of the draft, the last one left out at times. What it holds when this fails is open.
 */
PANLLAMA_API int32_t panllama_drafter_draft(struct panllama_drafter * drafter, int32_t count, const int32_t * sequences,
                                            const int32_t * most, int32_t * drafts, int32_t stride, int32_t * lengths)
    PANLLAMA_NOEXCEPT;

/* The first `accepted` tokens of the sequence's last draft were right, and the one after them was not. */
PANLLAMA_API int32_t panllama_drafter_accept(struct panllama_drafter * drafter, int32_t sequence, int32_t accepted)
    PANLLAMA_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* PANLLAMA_SPECULATIVE_H */
