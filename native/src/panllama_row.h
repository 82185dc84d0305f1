// One row of logits and the token that is chosen from it. Not part of the contract: nothing here is exported.
#ifndef PANLLAMA_ROW_H
#define PANLLAMA_ROW_H

#include "panllama_internal.h"

namespace panllama {

// What a chain gets to choose from.
struct row {
    const float *       logits  = nullptr;
    int32_t             count   = 0;
    llama_token         sampled = LLAMA_TOKEN_NULL;  // by the device already
    llama_sampler *     chain   = nullptr;
    bool                greedy  = false;
    int32_t             top_k   = 0;  // what the chain begins by keeping; 0: it begins with something else
};

[[noreturn]] void fail_not_finite();

// Whether the chain is `greedy` and nothing else. Names that start with '?' are samplers without effect.
bool is_greedy(llama_sampler * chain);

// Chooses a token, which the chain accepts; throws where none can be.
llama_token sample(const row & r);

}  // namespace panllama

#endif /* PANLLAMA_ROW_H */
