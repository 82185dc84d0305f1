// Samplers: constructors, accept, reset, clone. See panllama.h; panllama_sampling.cpp uses them on rows of logits.
#include "panllama_internal.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace panllama {

bool permits(llama_sampler * sampler, llama_token token) {
    if (llama_sampler_chain_get(sampler, -1) != nullptr) {  // it is a chain
        for (int32_t i = 0, n = llama_sampler_chain_n(sampler); i < n; ++i) {
            if (!permits(llama_sampler_chain_get(sampler, i), token)) {
                return false;
            }
        }
        return true;
    }
    const char * name = llama_sampler_name(sampler);
    if (std::strcmp(name, "grammar") != 0 && std::strcmp(name, REPLY_GRAMMAR) != 0) {
        return true;
    }
    llama_token_data       candidate  = { token, 0.0f, 0.0f };
    llama_token_data_array candidates = { &candidate, 1, -1, false };
    llama_sampler_apply(sampler, &candidates);
    return !std::isinf(candidate.logit);
}

void accept_or_reset(llama_sampler * sampler, llama_token token) {
    try {
        llama_sampler_accept(sampler, token);
    } catch (...) {
        llama_sampler_reset(sampler);
        throw;
    }
}

}  // namespace panllama

using namespace panllama;

// Stores what `make` returns, or fails with what llama.cpp logged.
template <typename Make> static int32_t construct(struct llama_sampler ** out, Make && make) noexcept {
    *out = nullptr;
    return guarded([&] {
        complaints heard;
        *out = make();
        return *out != nullptr ? PANLLAMA_OK : heard.fail("llama.cpp made no sampler and gave no reason");
    });
}

int32_t panllama_sampler_chain(bool no_perf, struct llama_sampler ** out) noexcept {
    return construct(out, [&] {
        llama_sampler_chain_params params = llama_sampler_chain_default_params();
        params.no_perf                    = no_perf;
        return llama_sampler_chain_init(params);
    });
}

int32_t panllama_sampler_chain_add(struct llama_sampler * chain, struct llama_sampler * sampler) noexcept {
    return guarded_ok([&] { llama_sampler_chain_add(chain, sampler); });
}

int32_t panllama_sampler_greedy(struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_greedy(); });
}

int32_t panllama_sampler_dist(uint32_t seed, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_dist(seed); });
}

int32_t panllama_sampler_top_k(int32_t k, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_top_k(k); });
}

int32_t panllama_sampler_top_p(float p, size_t min_keep, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_top_p(p, min_keep); });
}

int32_t panllama_sampler_min_p(float p, size_t min_keep, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_min_p(p, min_keep); });
}

int32_t panllama_sampler_typical(float p, size_t min_keep, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_typical(p, min_keep); });
}

int32_t panllama_sampler_temperature(float temperature, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_temp(temperature); });
}

int32_t panllama_sampler_dynamic_temperature(float temperature, float delta, float exponent,
                                             struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_temp_ext(temperature, delta, exponent); });
}

int32_t panllama_sampler_xtc(float probability, float threshold, size_t min_keep, uint32_t seed,
                             struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_xtc(probability, threshold, min_keep, seed); });
}

int32_t panllama_sampler_top_n_sigma(float n, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_top_n_sigma(n); });
}

int32_t panllama_sampler_mirostat(int32_t n_vocab, uint32_t seed, float tau, float eta, int32_t m,
                                  struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_mirostat(n_vocab, seed, tau, eta, m); });
}

int32_t panllama_sampler_mirostat_v2(uint32_t seed, float tau, float eta, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_mirostat_v2(seed, tau, eta); });
}

int32_t panllama_sampler_penalties(int32_t n_vocab, int32_t last_n, float repeat, float frequency, float presence,
                                   struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_penalties(n_vocab, last_n, repeat, frequency, presence); });
}

int32_t panllama_sampler_dry(const struct llama_vocab * vocab, float multiplier, float base, int32_t allowed_length,
                             int32_t last_n, const char * const * breakers, size_t n_breakers,
                             struct llama_sampler ** out) noexcept {
    return construct(out, [&] {
        return llama_sampler_init_dry(vocab, multiplier, base, allowed_length, last_n,
                                      const_cast<const char **>(breakers), n_breakers);
    });
}

int32_t panllama_sampler_adaptive_p(float target, float decay, uint32_t seed, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_adaptive_p(target, decay, seed); });
}

int32_t panllama_sampler_logit_bias(int32_t n_vocab, const struct llama_logit_bias * biases, int32_t count,
                                    struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_init_logit_bias(n_vocab, count, biases); });
}

int32_t panllama_sampler_infill(const struct llama_vocab * vocab, struct llama_sampler ** out) noexcept {
    return construct(out, [&] {
        if (llama_vocab_eot(vocab) == LLAMA_TOKEN_NULL && llama_vocab_eos(vocab) == LLAMA_TOKEN_NULL) {
            // llama.cpp would abort as soon as the sampler wants to end the text.
            throw std::runtime_error("the infill sampler needs a vocabulary with an end-of-turn or end-of-text token");
        }
        return llama_sampler_init_infill(vocab);
    });
}

// llama.cpp takes an empty grammar for "no grammar", and prints a syntax error on standard error only.
static void check_grammar(const char * grammar) {
    if (grammar == nullptr || *grammar == '\0') {
        throw std::runtime_error("the grammar is empty");
    }
}

int32_t panllama_sampler_grammar(const struct llama_vocab * vocab, const char * grammar, const char * root,
                                 struct llama_sampler ** out) noexcept {
    return construct(out, [&] {
        check_grammar(grammar);
        return llama_sampler_init_grammar(vocab, grammar, root);
    });
}

int32_t panllama_sampler_grammar_lazy(const struct llama_vocab * vocab, const char * grammar, const char * root,
                                      const char * const * patterns, size_t n_patterns, const int32_t * tokens,
                                      size_t n_tokens, struct llama_sampler ** out) noexcept {
    return construct(out, [&] {
        check_grammar(grammar);
        return llama_sampler_init_grammar_lazy_patterns(vocab, grammar, root, const_cast<const char **>(patterns),
                                                        n_patterns, tokens, n_tokens);
    });
}

int32_t panllama_sampler_accept(struct llama_sampler * sampler, int32_t token) noexcept {
    return guarded([&] {
        if (!permits(sampler, token)) {
            return failed(("the grammar does not allow token " + std::to_string(token) + " here").c_str());
        }
        accept_or_reset(sampler, token);
        return PANLLAMA_OK;
    });
}

int32_t panllama_sampler_reset(struct llama_sampler * sampler) noexcept {
    return guarded_ok([&] { llama_sampler_reset(sampler); });
}

int32_t panllama_sampler_clone(const struct llama_sampler * sampler, struct llama_sampler ** out) noexcept {
    return construct(out, [&] { return llama_sampler_clone(sampler); });
}

int32_t panllama_sampler_copy(const struct llama_sampler * source, struct llama_sampler * target) noexcept {
    return guarded_ok([&] { llama_sampler_copy(source, target); });
}

void panllama_sampler_free(struct llama_sampler * sampler) noexcept {
    swallowed([&] { llama_sampler_free(sampler); });
}
