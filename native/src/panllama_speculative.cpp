// Drafts of what comes next. See panllama_speculative.h.
#include "panllama_internal.h"
#include "speculative.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>

using namespace panllama;

struct panllama_drafter {
    panllama_drafter(common_params_speculative & params, uint32_t n_seq, int32_t most) : sequences(n_seq) {
        // common_speculative_init reads this struct, which is no part of the C ABI that is proved when libraries load.
        if (common_speculative_n_max(&params) != most) {
            throw std::runtime_error("libllama-common lays its parameters out differently from its headers");
        }
        speculative.reset(common_speculative_init(params, n_seq));
        if (!speculative) {
            throw std::runtime_error("libllama-common does not know this kind of draft");
        }
    }

    // common_speculative wants the last token apart from those before it.
    struct sequence {
        llama_tokens before;
        llama_token  last = LLAMA_TOKEN_NULL;
        llama_tokens draft;
    };

    common_speculative_ptr speculative;
    std::vector<sequence>  sequences;
};

namespace {

common_params_speculative parameters(common_speculative_type type) {
    common_params_speculative params;
    params.types = { type };
    return params;
}

int32_t create(common_params_speculative & params, uint32_t n_seq, int32_t most, panllama_drafter ** out) {
    *out = new panllama_drafter(params, n_seq, most);
    return PANLLAMA_OK;
}

const llama_vocab * vocabulary(const llama_context * context) {
    return llama_model_get_vocab(llama_get_model(context));
}

void check_same(const std::string & what, int64_t target, int64_t draft) {
    if (target != draft) {
        throw std::invalid_argument(what + " is " + std::to_string(draft) + ", must be " + std::to_string(target));
    }
}

// The rules of common_speculative, which does not say which one was broken.
void check_vocabularies(const llama_vocab * target, const llama_vocab * draft) {
    constexpr int32_t most_apart    = 128;
    constexpr int32_t first_to_read = 5;
    check_same("the type of its vocabulary", llama_vocab_type(target), llama_vocab_type(draft));
    check_same("whether it adds a beginning of text", llama_vocab_get_add_bos(target), llama_vocab_get_add_bos(draft));
    check_same("whether it adds an end of text", llama_vocab_get_add_eos(target), llama_vocab_get_add_eos(draft));
    if (llama_vocab_get_add_bos(target)) {
        check_same("its beginning of text", llama_vocab_bos(target), llama_vocab_bos(draft));
    }
    if (llama_vocab_get_add_eos(target)) {
        check_same("its end of text", llama_vocab_eos(target), llama_vocab_eos(draft));
    }
    const int32_t n_target = llama_vocab_n_tokens(target);
    const int32_t n_draft  = llama_vocab_n_tokens(draft);
    if (std::abs(n_target - n_draft) > most_apart) {
        throw std::invalid_argument("its vocabulary has " + std::to_string(n_draft) + " tokens, the model's " +
                                    std::to_string(n_target));
    }
    for (int32_t i = first_to_read; i < std::min(n_target, n_draft); ++i) {
        if (std::strcmp(llama_vocab_get_text(target, i), llama_vocab_get_text(draft, i)) != 0) {
            throw std::invalid_argument("its token " + std::to_string(i) + " is another one than the model's");
        }
    }
}

// What is still marked as drafting when an exception comes would abort the next draft.
void stop_drafting(panllama_drafter & drafter) {
    for (size_t i = 0; i < drafter.sequences.size(); ++i) {
        common_speculative_get_draft_params(drafter.speculative.get(), static_cast<llama_seq_id>(i)).drafting = false;
    }
}

}  // namespace

int32_t panllama_drafter_lookup(int32_t kind, int32_t match, int32_t most, struct panllama_drafter ** out) noexcept {
    *out = nullptr;
    return guarded([&] {
        const bool map    = kind == PANLLAMA_LOOKUP_MAP;
        auto       params = parameters(map ? COMMON_SPECULATIVE_TYPE_NGRAM_MAP_K : COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE);
        auto &     ngram  = map ? params.ngram_map_k : params.ngram_simple;
        ngram.size_n      = static_cast<uint16_t>(match);
        ngram.size_m      = static_cast<uint16_t>(most);
        return create(params, 1, most, out);
    });
}

int32_t panllama_drafter_fits(const struct llama_context * target, const struct llama_context * draft) noexcept {
    return guarded_ok([&] { check_vocabularies(vocabulary(target), vocabulary(draft)); });
}

int32_t panllama_drafter_model(struct llama_context * target, struct llama_context * draft, int32_t most,
                               float least_probability, struct panllama_drafter ** out) noexcept {
    *out = nullptr;
    return guarded([&] {
        auto params          = parameters(COMMON_SPECULATIVE_TYPE_DRAFT_SIMPLE);
        params.draft.ctx_tgt = target;
        params.draft.ctx_dft = draft;
        params.draft.n_max   = most;
        params.draft.p_min   = least_probability;
        return create(params, llama_n_seq_max(draft), most, out);
    });
}

int32_t panllama_drafter_prediction(struct llama_context * target, struct llama_context * prediction, int32_t most,
                                    struct panllama_drafter ** out) noexcept {
    *out = nullptr;
    return guarded([&] {
        auto params                   = parameters(COMMON_SPECULATIVE_TYPE_DRAFT_MTP);
        params.draft.ctx_tgt          = target;
        params.draft.ctx_dft          = prediction;
        params.draft.n_max            = most;
        params.draft.backend_sampling = false;
        return create(params, llama_n_seq_max(prediction), most, out);
    });
}

int32_t panllama_drafter_follow(struct panllama_drafter * drafter, const struct llama_batch * batch) noexcept {
    return guarded([&] {
        complaints heard;
        return common_speculative_process(drafter->speculative.get(), *batch) ? PANLLAMA_OK :
                                                                                heard.fail("the batch was not computed");
    });
}

void panllama_drafter_free(struct panllama_drafter * drafter) noexcept {
    swallowed([&] { delete drafter; });
}

int32_t panllama_drafter_tell(struct panllama_drafter * drafter, int32_t sequence, int32_t keep, const int32_t * tokens,
                              int32_t count) noexcept {
    return guarded_ok([&] {
        auto & told = drafter->sequences[static_cast<size_t>(sequence)];
        if (told.last != LLAMA_TOKEN_NULL) {
            told.before.push_back(told.last);
            told.last = LLAMA_TOKEN_NULL;
        }
        const size_t kept     = std::min(told.before.size(), static_cast<size_t>(keep));
        const bool   is_other = kept == 0 || kept < told.before.size();
        told.before.resize(kept);
        told.before.insert(told.before.end(), tokens, tokens + count);
        if (!told.before.empty()) {
            told.last = told.before.back();
            told.before.pop_back();
        }
        if (is_other) {
            // A lookup's table has to forget what is no longer there, or it aborts.
            common_speculative_begin(drafter->speculative.get(), sequence, told.before);
        }
    });
}

int32_t panllama_drafter_draft(struct panllama_drafter * drafter, int32_t count, const int32_t * sequences,
                               const int32_t * most, int32_t * drafts, int32_t stride, int32_t * lengths) noexcept {
    return guarded_ok([&] {
        std::fill_n(lengths, count, 0);
        for (int32_t i = 0; i < count; ++i) {
            auto & told = drafter->sequences[static_cast<size_t>(sequences[i])];
            auto & ask  = common_speculative_get_draft_params(drafter->speculative.get(), sequences[i]);
            told.draft.clear();
            ask.drafting = most[i] > 0 && told.last != LLAMA_TOKEN_NULL;
            ask.n_max    = most[i];
            ask.pos0     = static_cast<llama_pos>(told.before.size());
            ask.id_last  = told.last;
            ask.prompt   = &told.before;
            ask.result   = &told.draft;
        }
        try {
            common_speculative_draft(drafter->speculative.get());
        } catch (...) {
            stop_drafting(*drafter);
            throw;
        }
        for (int32_t i = 0; i < count; ++i) {
            auto & draft = drafter->sequences[static_cast<size_t>(sequences[i])].draft;
            draft.resize(std::min(draft.size(), static_cast<size_t>(std::min(most[i], stride))));
            std::copy(draft.begin(), draft.end(), drafts + static_cast<size_t>(i) * static_cast<size_t>(stride));
            lengths[i] = static_cast<int32_t>(draft.size());
        }
    });
}

int32_t panllama_drafter_accept(struct panllama_drafter * drafter, int32_t sequence, int32_t accepted) noexcept {
    return guarded_ok([&] {
        const auto & draft = drafter->sequences[static_cast<size_t>(sequence)].draft;
        // common_speculative aborts when more is accepted than it has drafted.
        if (!draft.empty()) {
            const auto right = std::min(draft.size(), static_cast<size_t>(accepted));
            common_speculative_accept(drafter->speculative.get(), sequence, static_cast<uint16_t>(right));
        }
    });
}
