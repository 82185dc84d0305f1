// Choosing a token from one row of logits.
#include "panllama_row.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <vector>

using namespace panllama;

namespace {

[[noreturn]] void fail_nothing_allowed() {
    throw std::runtime_error("no token is allowed: the grammar (or a bias) rules out every candidate");
}

// The two loops over all logits exist for several instruction sets where the system can choose among them when it loads.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define PANLLAMA_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PANLLAMA_CLONES
#endif

constexpr int32_t lanes = 32;

// The largest of `count` logits, a multiple of `lanes`. Lanes of independent maxima, since strict floating point keeps the
// compiler from reordering one.
PANLLAMA_CLONES float largest(const float * logits, int32_t count) {
    float best[lanes];
    for (int32_t j = 0; j < lanes; ++j) {
        best[j] = -INFINITY;
    }
    for (int32_t i = 0; i < count; i += lanes) {
        for (int32_t j = 0; j < lanes; ++j) {
            best[j] = best[j] < logits[i + j] ? logits[i + j] : best[j];
        }
    }
    float max = best[0];
    for (int32_t j = 1; j < lanes; ++j) {
        max = max < best[j] ? best[j] : max;
    }
    return max;
}

// Whether any logit is NaN or +infinity.
PANLLAMA_CLONES bool any_bad(const float * logits, int32_t count) {
    uint32_t bad = 0;
    for (int32_t i = 0; i < count; ++i) {
        bad |= !(logits[i] <= FLT_MAX);
    }
    return bad != 0;
}

float largest_of_any(const float * logits, int32_t count) {
    const int32_t whole = count / lanes * lanes;
    float         max   = largest(logits, whole);
    for (int32_t i = whole; i < count; ++i) {
        max = max < logits[i] ? logits[i] : max;
    }
    return max;
}

// The largest logit's token, the first of several.
llama_token argmax(const float * logits, int32_t count) {
    constexpr int32_t block = 1024;
    float             max   = -INFINITY;
    int32_t           begin = 0;
    for (int32_t i = 0; i < count; i += block) {
        const int32_t n = std::min(block, count - i);
        if (any_bad(logits + i, n)) {
            fail_not_finite();
        }
        const float here = largest_of_any(logits + i, n);
        if (max < here) {
            max   = here;
            begin = i;
        }
    }
    if (std::isinf(max)) {
        fail_nothing_allowed();
    }
    return static_cast<llama_token>(std::find(logits + begin, logits + count, max) - logits);
}

// Each thread keeps its candidates, so that a warm call allocates nothing.
thread_local std::vector<llama_token_data> candidates;
thread_local std::vector<float>            maxima;
thread_local std::vector<float>            ranked;

void consider_all(const row & r) {
    candidates.resize(static_cast<size_t>(r.count));
    for (int32_t i = 0; i < r.count; ++i) {
        candidates[static_cast<size_t>(i)] = { i, r.logits[i], 0.0f };
    }
}

// The candidates that are among the `top_k` best, and few others: k blocks of logits have a maximum that is no smaller
// than the k-th largest of all maxima, and so at least k logits are not. Answers false where that would spare little.
bool consider_best(const row & r) {
    if (r.top_k > r.count / (2 * lanes)) {
        return false;
    }
    const int32_t block  = std::clamp(r.count / (4 * r.top_k) / lanes * lanes, lanes, 1024);
    const int32_t blocks = (r.count + block - 1) / block;
    maxima.resize(static_cast<size_t>(blocks));
    for (int32_t b = 0; b < blocks; ++b) {
        const int32_t begin                = b * block;
        maxima[static_cast<size_t>(b)] = largest_of_any(r.logits + begin, std::min(block, r.count - begin));
    }
    ranked = maxima;
    const auto kth = ranked.begin() + (r.top_k - 1);
    std::nth_element(ranked.begin(), kth, ranked.end(), std::greater<float>());
    const float least = *kth;
    if (!(least > -INFINITY)) {
        return false;
    }
    candidates.clear();
    for (int32_t b = 0; b < blocks; ++b) {
        if (maxima[static_cast<size_t>(b)] < least) {
            continue;
        }
        const int32_t end = std::min((b + 1) * block, r.count);
        for (int32_t i = b * block; i < end; ++i) {
            if (r.logits[i] >= least) {
                candidates.push_back({ i, r.logits[i], 0.0f });
            }
        }
    }
    return true;
}

llama_token choose(const row & r) {
    if (any_bad(r.logits, r.count)) {
        fail_not_finite();
    }
    if (r.top_k == 0 || !consider_best(r)) {
        consider_all(r);
    }
    llama_token_data_array array = { candidates.data(), candidates.size(), -1, false };
    llama_sampler_apply(r.chain, &array);
    if (array.selected < 0 || array.selected >= static_cast<int64_t>(array.size)) {
        throw std::runtime_error("the chain selected no token: it must end with greedy, dist, mirostat or adaptive-p");
    }
    const llama_token_data chosen = array.data[array.selected];
    if (!(chosen.logit > -INFINITY)) {
        fail_nothing_allowed();
    }
    return chosen.id;
}

}  // namespace

namespace panllama {

void fail_not_finite() {
    throw std::runtime_error("the logits are not numbers (NaN or +infinity): the model's computation went wrong");
}

llama_token sample(const row & r) {
    const llama_token token = r.sampled != LLAMA_TOKEN_NULL ? r.sampled :
                              r.greedy                      ? argmax(r.logits, r.count) :
                                                              choose(r);
    if (!r.greedy && !permits(r.chain, token)) {
        fail_nothing_allowed();
    }
    accept_or_reset(r.chain, token);
    return token;
}

bool is_greedy(llama_sampler * chain) {
    if (llama_sampler_chain_get(chain, -1) == nullptr) {
        return std::strcmp(llama_sampler_name(chain), "greedy") == 0;
    }
    int32_t       found = 0;
    const int32_t n     = llama_sampler_chain_n(chain);
    for (int32_t i = 0; i < n; ++i) {
        const char * name = llama_sampler_name(llama_sampler_chain_get(chain, i));
        if (std::strcmp(name, "greedy") == 0) {
            ++found;
        } else if (name[0] != '?') {
            return false;
        }
    }
    return found > 0;
}

}  // namespace panllama
