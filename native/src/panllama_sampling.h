/*
 * panllama_sampling.h: tokens for rows of logits, chosen by chains of samplers, on several threads. Part of panllama.h,
 * whose rules hold here too.
 */
#ifndef PANLLAMA_SAMPLING_H
#define PANLLAMA_SAMPLING_H

#ifndef PANLLAMA_H
#    error "include panllama.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Threads that wait, asleep, for rows to sample. May be used by one caller at a time. */
struct panllama_sampling_pool;

/* A pool of `n_threads` workers beside the caller's own thread; 0 makes the caller do all the work. */
PANLLAMA_API int32_t panllama_sampling_pool_create(int32_t n_threads, struct panllama_sampling_pool ** out)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_sampling_pool_free(struct panllama_sampling_pool * pool) PANLLAMA_NOEXCEPT;

/*
 * Samples one token for each of `count` rows and lets each row's chain accept it. `rows[i]` is an index into the last
 * batch, of a token that had `logits` set; `chains[i]` is its chain, and no chain may stand there twice. `tokens[i]`
 * gets the token, or LLAMA_TOKEN_NULL for a row that failed: its logits were not numbers, its grammar allows none of
 * the tokens, its chain selects none, or its chain threw. A failed row's chain has accepted nothing, but its random
 * numbers may have moved on; a chain that threw while it accepted has been reset. The other rows are not touched.
 *
 * Where the device has chosen the token of a row (panllama_context_set_sampler), that is the row's token, and its chain
 * accepts it. Else the logits are fetched on the calling thread; the workers of `pool` (NULL: none) see only candidates
 * and chains. A chain that is nothing but `greedy` takes the largest logit, the first one of several, without building
 * candidates. `top_k[i]` is the k of a chain that begins with top-k, and 0 of any other: such a chain gets no more
 * candidates than it may keep, and some beside them. NULL stands for zeros.
 *
 * Returns the number of rows that failed (see panllama_sample_error), or PANLLAMA_FAILED when nothing was sampled.
 */
PANLLAMA_API int32_t panllama_sample(struct panllama_sampling_pool * pool, struct llama_context * context,
                                     int32_t count, const int32_t * rows, struct llama_sampler * const * chains,
                                     const int32_t * top_k, int32_t * tokens) PANLLAMA_NOEXCEPT;

/* How many rows of the last panllama_sample on this thread had their token chosen by the device. */
PANLLAMA_API int32_t panllama_sampled_on_device(void) PANLLAMA_NOEXCEPT;

/* Why row `i` of the last panllama_sample on this thread failed; "" when it did not. Valid until the next sample. */
PANLLAMA_API const char * panllama_sample_error(int32_t i) PANLLAMA_NOEXCEPT;

/*
 * Samples from given logits, one for each of `n_vocab` tokens, without a context; the chain accepts the token.
 * PANLLAMA_FAILED for the reasons that fail a row of panllama_sample.
 */
PANLLAMA_API int32_t panllama_sample_logits(struct llama_sampler * chain, int32_t top_k, const float * logits,
                                            int32_t n_vocab, int32_t * token) PANLLAMA_NOEXCEPT;

/*
 * The natural logarithms of probabilities that a row of logits, one for each of `n_vocab` tokens, stands for, as they are
 * before any sampler: `logprob` gets that of `token`; `tokens` and `logprobs` get the `count` likeliest tokens, the
 * likeliest first, of equals the smallest id first. PANLLAMA_FAILED when the logits are not numbers.
 */
PANLLAMA_API int32_t panllama_logprobs(const float * logits, int32_t n_vocab, int32_t token, int32_t count,
                                       double * logprob, int32_t * tokens, double * logprobs) PANLLAMA_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* PANLLAMA_SAMPLING_H */
