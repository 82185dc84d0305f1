// A grammar of a reply, which sleeps while the model reasons. See panllama.h. llama.cpp's server does the same between its
// chain, its grammar and its reasoning budget (common_sampler_accept); here it is a sampler, so that a chain can have it.
#include "panllama_internal.h"

#include "reasoning-budget.h"

#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

using namespace panllama;

namespace {

struct free_sampler {
    void operator()(llama_sampler * sampler) const { llama_sampler_free(sampler); }
};

using sampler_ptr = std::unique_ptr<llama_sampler, free_sampler>;

class reply_grammar {
  public:
    reply_grammar(sampler_ptr grammar, int32_t scope, std::vector<llama_token> begun, sampler_ptr reasoning) :
        grammar(std::move(grammar)), reasoning(std::move(reasoning)), scope(scope), begun(std::move(begun)) {
        begin();
    }

    reply_grammar(const reply_grammar & other) :
        grammar(llama_sampler_clone(other.grammar.get())),
        reasoning(other.reasoning ? llama_sampler_clone(other.reasoning.get()) : nullptr),
        scope(other.scope),
        begun(other.begun) {}

    void apply(llama_token_data_array * candidates) const {
        if (!sleeps()) {
            llama_sampler_apply(grammar.get(), candidates);
        }
    }

    void accept(llama_token token) {
        const bool slept = sleeps();
        if (reasoning) {
            llama_sampler_accept(reasoning.get(), token);
        }
        if (!slept) {
            llama_sampler_accept(grammar.get(), token);
        } else if (scope == PANLLAMA_GRAMMAR_TRIGGERED && state() == REASONING_BUDGET_DONE) {
            // The mark that ends reasoning may be what wakes the grammar.
            if (const llama_tokens * end = common_reasoning_budget_get_end_match(reasoning.get())) {
                for (const llama_token each : *end) {
                    llama_sampler_accept(grammar.get(), each);
                }
            }
        }
    }

    void reset() {
        llama_sampler_reset(grammar.get());
        if (reasoning) {
            llama_sampler_reset(reasoning.get());
        }
        begin();
    }

  private:
    common_reasoning_budget_state state() const { return common_reasoning_budget_get_state(reasoning.get()); }

    bool sleeps() const {
        return scope != PANLLAMA_GRAMMAR_WHOLE && reasoning && state() != REASONING_BUDGET_IDLE &&
               state() != REASONING_BUDGET_DONE;
    }

    // The prompt already has the first tokens of the reply.
    void begin() {
        for (const llama_token token : begun) {
            if (scope != PANLLAMA_GRAMMAR_WHOLE) {
                if (reasoning) {
                    llama_sampler_accept(reasoning.get(), token);
                }
                continue;
            }
            if (!permits(grammar.get(), token)) {
                throw std::runtime_error("the grammar does not allow token " + std::to_string(token) +
                                         ", with which the reply begins");
            }
            llama_sampler_accept(grammar.get(), token);
        }
    }

    sampler_ptr              grammar;
    sampler_ptr              reasoning;  // counts without a limit, and so knows when the model reasons
    int32_t                  scope;
    std::vector<llama_token> begun;
};

reply_grammar & of(const llama_sampler * sampler) { return *static_cast<reply_grammar *>(sampler->ctx); }

llama_sampler * make(std::unique_ptr<reply_grammar> state);

llama_sampler_i functions = {
    /* .name              = */ [](const llama_sampler *) { return REPLY_GRAMMAR; },
    /* .accept            = */ [](llama_sampler * sampler, llama_token token) { of(sampler).accept(token); },
    /* .apply             = */
    [](llama_sampler * sampler, llama_token_data_array * candidates) { of(sampler).apply(candidates); },
    /* .reset             = */ [](llama_sampler * sampler) { of(sampler).reset(); },
    /* .clone             = */
    [](const llama_sampler * sampler) { return make(std::make_unique<reply_grammar>(of(sampler))); },
    /* .free              = */ [](llama_sampler * sampler) { delete &of(sampler); },
    /* .backend_init      = */ nullptr,
    /* .backend_accept    = */ nullptr,
    /* .backend_apply     = */ nullptr,
    /* .backend_set_input = */ nullptr,
    /* .backend_reset     = */ nullptr,
    /* .copy_state        = */ nullptr,
};

llama_sampler * make(std::unique_ptr<reply_grammar> state) {
    llama_sampler * sampler = llama_sampler_init(&functions, state.get());
    state.release();
    return sampler;
}

}  // namespace

int32_t panllama_sampler_reply_grammar(struct llama_sampler * grammar, int32_t scope, const int32_t * begun,
                                       size_t n_begun, const int32_t * reasoning_begin, size_t n_reasoning_begin,
                                       const int32_t * reasoning_ends, const size_t * end_lengths, size_t n_ends,
                                       struct llama_sampler ** out) noexcept {
    *out = nullptr;
    return guarded_ok([&] {
        sampler_ptr               owned(grammar);
        std::vector<llama_tokens> ends;
        for (size_t i = 0; i < n_ends; reasoning_ends += end_lengths[i++]) {
            ends.emplace_back(reasoning_ends, reasoning_ends + end_lengths[i]);
        }
        sampler_ptr reasoning;
        if (scope != PANLLAMA_GRAMMAR_WHOLE && n_reasoning_begin > 0 && !ends.empty()) {
            const llama_tokens begin(reasoning_begin, reasoning_begin + n_reasoning_begin);
            reasoning.reset(
                common_reasoning_budget_init(nullptr, { begin }, ends, {}, std::numeric_limits<int32_t>::max()));
        }
        *out = make(std::make_unique<reply_grammar>(std::move(owned), scope, llama_tokens(begun, begun + n_begun),
                                                    std::move(reasoning)));
    });
}
