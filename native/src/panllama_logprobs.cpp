// Log probabilities of a row of logits. See panllama.h.
#include "panllama_internal.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <stdexcept>
#include <vector>

using namespace panllama;

namespace {

struct scored {
    float   logit;
    int32_t token;
};

bool likelier(const scored & a, const scored & b) {
    return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

// Each thread keeps its own, so that a warm call allocates nothing. While a row is read, a heap: the least likely of
// those kept is its front, so that most tokens cost one comparison.
thread_local std::vector<scored> best;

void keep(const scored & one, size_t count) {
    if (best.size() < count) {
        best.push_back(one);
        std::push_heap(best.begin(), best.end(), likelier);
    } else if (count > 0 && likelier(one, best.front())) {
        std::pop_heap(best.begin(), best.end(), likelier);
        best.back() = one;
        std::push_heap(best.begin(), best.end(), likelier);
    }
}

// What logits are compared with: the largest, and the logarithm of the sum of all exponentials relative to it. Added up
// they would lose what distinguishes large logits.
struct scale {
    float  max;
    double log_sum;

    double logprob(float logit) const { return static_cast<double>(logit) - max - log_sum; }
};

// Fills `best` too. The sum is kept relative to the largest logit so far, so that one pass is enough and nothing
// overflows.
scale scan(const float * logits, int32_t n_vocab, size_t count) {
    best.clear();
    float  max = -INFINITY;
    double sum = 0;
    for (int32_t i = 0; i < n_vocab; ++i) {
        const float x = logits[i];
        if (!(x <= FLT_MAX)) {
            throw std::runtime_error("the logits are not numbers (NaN or +infinity)");
        }
        keep({ x, i }, count);
        if (x > max) {
            sum = sum * std::exp(max - x) + 1;
            max = x;
        } else if (x > -INFINITY) {
            sum += std::exp(x - max);
        }
    }
    if (sum == 0) {
        throw std::runtime_error("the logits are not numbers (all are -infinity)");
    }
    return { max, std::log(sum) };
}

}  // namespace

int32_t panllama_logprobs(const float * logits, int32_t n_vocab, int32_t token, int32_t count, double * logprob,
                          int32_t * tokens, double * logprobs) noexcept {
    return guarded_ok([&] {
        if (token < 0 || token >= n_vocab || count < 0 || count > n_vocab) {
            throw std::out_of_range("the token or the count is not in the vocabulary");
        }
        const scale all = scan(logits, n_vocab, static_cast<size_t>(count));
        std::sort_heap(best.begin(), best.end(), likelier);
        *logprob = all.logprob(logits[token]);
        for (size_t i = 0; i < best.size(); ++i) {
            tokens[i]   = best[i].token;
            logprobs[i] = all.logprob(best[i].logit);
        }
    });
}
