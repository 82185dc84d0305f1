// Chains that the device runs. See panllama.h.
#include "panllama_internal.h"

#include <stdexcept>

using namespace panllama;

namespace {

// llama.cpp tells by the names of a chain's stages what became of them: '+' before those that the device runs, '-' before
// those that it does not support, '?' before those without effect.
char mark(llama_sampler * chain, int32_t i) {
    return llama_sampler_name(llama_sampler_chain_get(chain, i))[0];
}

bool was_set(llama_sampler * chain) {
    for (int32_t i = 0; i < llama_sampler_chain_n(chain); ++i) {
        if (mark(chain, i) == '+' || mark(chain, i) == '-') {
            return true;
        }
    }
    return false;
}

bool runs_on_device(llama_sampler * chain) {
    for (int32_t i = 0; i < llama_sampler_chain_n(chain); ++i) {
        if (mark(chain, i) != '+' && mark(chain, i) != '?') {
            return false;
        }
    }
    return true;
}

}  // namespace

int32_t panllama_context_set_sampler(struct llama_context * context, int32_t sequence, struct llama_sampler * chain,
                                     bool * whole) noexcept {
    *whole = false;
    return guarded_ok([&] {
        try {
            if (chain != nullptr && (llama_sampler_chain_get(chain, -1) == nullptr || was_set(chain))) {
                throw std::runtime_error("the sampler is no chain, or was given to a context before");
            }
            *whole = llama_set_sampler(context, sequence, chain) && chain != nullptr && runs_on_device(chain);
        } catch (...) {
            llama_set_sampler(context, sequence, nullptr);
            throw;
        }
        if (!*whole) {
            llama_set_sampler(context, sequence, nullptr);
        }
    });
}
