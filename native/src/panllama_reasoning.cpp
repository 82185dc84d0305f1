// The budget of tokens for reasoning, over libllama-common's sampler. See panllama.h.
#include "panllama_internal.h"

#include "reasoning-budget.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

using namespace panllama;

namespace {

struct sampler_free {
    void operator()(llama_sampler * sampler) const { swallowed([&] { llama_sampler_free(sampler); }); }
};

using sampler_ptr = std::unique_ptr<llama_sampler, sampler_free>;

// libllama-common's sampler, with the end of the prompt: a reset leaves that sampler as if no reasoning had begun, also
// where the prompt begins it.
struct reasoning_budget {
    sampler_ptr               sampler;
    std::vector<llama_token> prompt_end;

    void begin() {
        for (const llama_token token : prompt_end) {
            if (common_reasoning_budget_get_state(sampler.get()) == REASONING_BUDGET_FORCING) {
                return;  // what is forced comes after the prompt, which is no part of it
            }
            llama_sampler_accept(sampler.get(), token);
        }
    }
};

// The end of a prompt from the mark on that begins reasoning which is still going on; empty where none is.
llama_tokens open_reasoning(const llama_tokens & begin, const std::vector<llama_tokens> & ends,
                            const llama_tokens & prompt_end) {
    const sampler_ptr unlimited(
        common_reasoning_budget_init(nullptr, { begin }, ends, {}, std::numeric_limits<int32_t>::max()));
    size_t from      = 0;
    bool   reasoning = false;
    for (size_t i = 0; i < prompt_end.size(); ++i) {
        llama_sampler_accept(unlimited.get(), prompt_end[i]);
        const bool counting = common_reasoning_budget_get_state(unlimited.get()) == REASONING_BUDGET_COUNTING;
        if (counting && !reasoning) {
            from = i + 1 - std::min(i + 1, begin.size());
        }
        reasoning = counting;
    }
    return reasoning ? llama_tokens(prompt_end.begin() + ptrdiff_t(from), prompt_end.end()) : llama_tokens();
}

reasoning_budget * budget_of(const llama_sampler * sampler) {
    return static_cast<reasoning_budget *>(sampler->ctx);
}

const char * budget_name(const llama_sampler *) {
    return "reasoning-budget";
}

void budget_accept(llama_sampler * sampler, llama_token token) {
    llama_sampler_accept(budget_of(sampler)->sampler.get(), token);
}

void budget_apply(llama_sampler * sampler, llama_token_data_array * candidates) {
    llama_sampler_apply(budget_of(sampler)->sampler.get(), candidates);
}

void budget_reset(llama_sampler * sampler) {
    llama_sampler_reset(budget_of(sampler)->sampler.get());
    budget_of(sampler)->begin();
}

void budget_free(llama_sampler * sampler) {
    delete budget_of(sampler);
}

llama_sampler * wrap(std::unique_ptr<reasoning_budget> budget);

llama_sampler * budget_clone(const llama_sampler * sampler) {
    const reasoning_budget * budget = budget_of(sampler);
    auto                     copy   = std::make_unique<reasoning_budget>();
    copy->prompt_end                = budget->prompt_end;
    copy->sampler.reset(llama_sampler_clone(budget->sampler.get()));
    return wrap(std::move(copy));
}

llama_sampler_i functions() {
    llama_sampler_i made{};
    made.name   = budget_name;
    made.accept = budget_accept;
    made.apply  = budget_apply;
    made.reset  = budget_reset;
    made.clone  = budget_clone;
    made.free   = budget_free;
    return made;
}

llama_sampler * wrap(std::unique_ptr<reasoning_budget> budget) {
    static llama_sampler_i table = functions();
    llama_sampler *        made  = llama_sampler_init(&table, budget.get());
    budget.release();
    return made;
}

}  // namespace

int32_t panllama_sampler_reasoning_budget(const struct llama_vocab * vocab, const int32_t * begin, size_t n_begin,
                                          const int32_t * ends, const size_t * end_lengths, size_t n_ends,
                                          const int32_t * forced, size_t n_forced, const int32_t * prompt_end,
                                          size_t n_prompt_end, int32_t budget, struct llama_sampler ** out) noexcept {
    *out = nullptr;
    return guarded_ok([&] {
        std::vector<llama_tokens> end_sequences;
        for (size_t i = 0; i < n_ends; ++i) {
            end_sequences.emplace_back(ends, ends + end_lengths[i]);
            ends += end_lengths[i];
        }
        auto made        = std::make_unique<reasoning_budget>();
        const llama_tokens mark(begin, begin + n_begin);
        made->prompt_end = open_reasoning(mark, end_sequences, llama_tokens(prompt_end, prompt_end + n_prompt_end));
        made->sampler.reset(
            common_reasoning_budget_init(vocab, { mark }, end_sequences, llama_tokens(forced, forced + n_forced), budget));
        if (!made->sampler) {
            throw std::runtime_error("llama.cpp made no sampler and gave no reason");
        }
        made->begin();
        *out = wrap(std::move(made));
    });
}
