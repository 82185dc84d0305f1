/*
 * panllama_samplers.h: the samplers that a chain is made of, and what is done with a chain beside sampling. Part of
 * panllama.h, whose rules hold here too.
 */
#ifndef PANLLAMA_SAMPLERS_H
#define PANLLAMA_SAMPLERS_H

#ifndef PANLLAMA_H
#    error "include panllama.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Constructors, one for each llama_sampler_init_*. `out` is owned by the caller until it is added to a chain, which
 * then owns it.
 */
PANLLAMA_API int32_t panllama_sampler_chain(bool no_perf, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_chain_add(struct llama_sampler * chain, struct llama_sampler * sampler)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_greedy(struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_dist(uint32_t seed, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_top_k(int32_t k, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_top_p(float p, size_t min_keep, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_min_p(float p, size_t min_keep, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_typical(float p, size_t min_keep, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_temperature(float temperature, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_dynamic_temperature(float temperature, float delta, float exponent,
                                                          struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_xtc(float probability, float threshold, size_t min_keep, uint32_t seed,
                                          struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_top_n_sigma(float n, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_mirostat(int32_t n_vocab, uint32_t seed, float tau, float eta, int32_t m,
                                               struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_mirostat_v2(uint32_t seed, float tau, float eta, struct llama_sampler ** out)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_penalties(int32_t n_vocab, int32_t last_n, float repeat, float frequency,
                                                float presence, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_dry(const struct llama_vocab * vocab, float multiplier, float base,
                                          int32_t allowed_length, int32_t last_n, const char * const * breakers,
                                          size_t n_breakers, struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_adaptive_p(float target, float decay, uint32_t seed, struct llama_sampler ** out)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_logit_bias(int32_t n_vocab, const struct llama_logit_bias * biases, int32_t count,
                                                 struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_infill(const struct llama_vocab * vocab, struct llama_sampler ** out)
    PANLLAMA_NOEXCEPT;
/*
 * A grammar that is in force from the first token. It must not be empty. Where its syntax is wrong, llama.cpp prints
 * the place on standard error and the message here says only that it does not parse: check the syntax before. It allows
 * no token whose bytes do not go on with UTF-8, and no control token that it does not name, for their text is not in
 * what is read. Using it fails where one token takes more than a second, as rules that are ambiguous can.
 */
PANLLAMA_API int32_t panllama_sampler_grammar(const struct llama_vocab * vocab, const char * grammar, const char * root,
                                              struct llama_sampler ** out) PANLLAMA_NOEXCEPT;
/*
 * A grammar that sleeps until the output matches one of the regular expressions or has one of the tokens. What it allows
 * then is llama.cpp's own choice; the time is bounded as above.
 */
PANLLAMA_API int32_t panllama_sampler_grammar_lazy(const struct llama_vocab * vocab, const char * grammar,
                                                   const char * root, const char * const * patterns, size_t n_patterns,
                                                   const int32_t * tokens, size_t n_tokens,
                                                   struct llama_sampler ** out) PANLLAMA_NOEXCEPT;

/* What a reply's grammar is about. */
#define PANLLAMA_GRAMMAR_WHOLE 0     /* the whole reply, with what the prompt has begun of it */
#define PANLLAMA_GRAMMAR_TRIGGERED 1 /* a lazy grammar: what follows its trigger; it does not see reasoning */
#define PANLLAMA_GRAMMAR_ANSWER 2    /* all but reasoning */

/*
 * A grammar for a chat model's reply, as llama.cpp's server applies it. It takes `grammar` over, and frees it where it
 * fails. `begun` are the tokens of the reply that the prompt ends with. Reasoning goes from the tokens `reasoning_begin`
 * to one of `n_ends` sequences that stand one after another in `reasoning_ends`; without these there is none.
 */
PANLLAMA_API int32_t panllama_sampler_reply_grammar(struct llama_sampler * grammar, int32_t scope, const int32_t * begun,
                                                    size_t n_begun, const int32_t * reasoning_begin,
                                                    size_t n_reasoning_begin, const int32_t * reasoning_ends,
                                                    const size_t * end_lengths, size_t n_ends,
                                                    struct llama_sampler ** out) PANLLAMA_NOEXCEPT;

/*
 * Limits reasoning to `budget` tokens: common_reasoning_budget_init. From the tokens `begin` on it counts; `ends` are
 * `n_ends` sequences behind one another, of `end_lengths` tokens, any of which ends reasoning. When the budget is used up
 * and a character is whole, the tokens `forced` are the only candidates, one after the other. `prompt_end` is accepted
 * now and after every reset: the end of the prompt, which may begin reasoning. Belongs at the start of a chain.
 */
PANLLAMA_API int32_t panllama_sampler_reasoning_budget(const struct llama_vocab * vocab, const int32_t * begin,
                                                       size_t n_begin, const int32_t * ends,
                                                       const size_t * end_lengths, size_t n_ends,
                                                       const int32_t * forced, size_t n_forced,
                                                       const int32_t * prompt_end, size_t n_prompt_end, int32_t budget,
                                                       struct llama_sampler ** out) PANLLAMA_NOEXCEPT;

/*
 * Tells the sampler that `token` came next. Refused, with nothing accepted, where a grammar does not allow the token
 * (llama.cpp itself would throw, or abort the process). Where llama.cpp throws all the same (a lazy grammar whose
 * trigger is followed by what the grammar does not allow), the sampler has been reset.
 */
PANLLAMA_API int32_t panllama_sampler_accept(struct llama_sampler * sampler, int32_t token) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_reset(struct llama_sampler * sampler) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_sampler_clone(const struct llama_sampler * sampler, struct llama_sampler ** out)
    PANLLAMA_NOEXCEPT;
/* Gives `target`, a chain of the same stages, the state of `source`. It stays where it is set: llama_sampler_copy. */
PANLLAMA_API int32_t panllama_sampler_copy(const struct llama_sampler * source, struct llama_sampler * target)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_sampler_free(struct llama_sampler * sampler) PANLLAMA_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* PANLLAMA_SAMPLERS_H */
