// Sampling rows of logits, on the caller's thread and those of a pool. See panllama.h.
#include "panllama_row.h"

#include <algorithm>
#include <atomic>
#include <cfloat>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace panllama;

namespace {

// What the device has chosen, or LLAMA_TOKEN_NULL.
llama_token sampled_on_device(llama_context * context, int32_t index, int32_t n_vocab) {
    const llama_token token = llama_get_sampled_token_ith(context, index);
    if (token == LLAMA_TOKEN_NULL) {
        return token;
    }
    const float * probs = llama_get_sampled_probs_ith(context, index);
    if (probs == nullptr) {
        // Greedy. It also answers a token for logits that are none.
        const float * logits = llama_get_sampled_logits_ith(context, index);
        if (token < 0 || token >= n_vocab || (logits != nullptr && !(logits[token] <= FLT_MAX))) {
            fail_not_finite();
        }
        return token;
    }
    // The device adds the probabilities up in single precision. Where the sum stays below its random number it takes the
    // last candidate, which may be one that a stage has ruled out; the last possible one is meant.
    const llama_token * ids  = llama_get_sampled_candidates_ith(context, index);
    uint32_t            last = llama_get_sampled_probs_count_ith(context, index);
    if (last == 0 || ids[last - 1] != token) {
        return token;
    }
    while (last > 0 && !(probs[last - 1] > 0)) {
        --last;
    }
    if (last == 0) {
        fail_not_finite();
    }
    return ids[last - 1];
}

// Everything that touches the context. Only on the caller's thread.
row fetch(llama_context * context, int32_t index, llama_sampler * chain, int32_t top_k, int32_t n_vocab) {
    row r;
    r.chain  = chain;
    r.top_k  = top_k;
    r.count  = n_vocab;
    r.greedy = is_greedy(chain);
    r.sampled = sampled_on_device(context, index, n_vocab);
    if (r.sampled != LLAMA_TOKEN_NULL) {
        return r;
    }
    r.logits = llama_get_logits_ith(context, index);
    if (r.logits == nullptr) {
        throw std::runtime_error("row " + std::to_string(index) + " of the last batch has no logits");
    }
    return r;
}

// ---- many rows ------------------------------------------------------------------------------------------------------

// One call's work. Threads take the next row until none is left.
struct job {
    const row *           rows   = nullptr;
    int32_t               count  = 0;
    llama_token *         tokens = nullptr;
    std::string *         errors = nullptr;
    std::atomic<int32_t>  next{ 0 };
    std::atomic<int32_t>  failures{ 0 };

    void fail(int32_t i, const char * reason) {
        tokens[i] = LLAMA_TOKEN_NULL;
        errors[i] = reason;
        failures.fetch_add(1, std::memory_order_relaxed);
    }

    void work() {
        for (int32_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) {
            if (rows[i].chain == nullptr) {
                continue;  // failed while it was fetched
            }
            try {
                tokens[i] = sample(rows[i]);
            } catch (const std::exception & error) {
                fail(i, error.what());
            } catch (...) {
                fail(i, "unknown C++ exception");
            }
        }
    }
};

// Of the caller's thread, for panllama_sample_error and for reuse.
thread_local std::vector<row>         call_rows;
thread_local std::vector<std::string> call_errors;
thread_local int32_t                  call_count     = 0;
thread_local int32_t                  call_on_device = 0;

// Logits below which waking a worker costs more than it saves; where they are only compared with each other, they count
// for a thirtieth. Measured on two cores: a chain spends 1 to 8 ns on a logit, a comparison 0.1 ns, and sharing pays from
// about 60 us of work on.
constexpr int64_t worthwhile     = 32 * 1024;
constexpr int64_t compared_share = 30;

int64_t effort(const std::vector<row> & rows) {
    int64_t sum = 0;
    for (const row & r : rows) {
        sum += r.sampled != LLAMA_TOKEN_NULL ? 0 : r.greedy || r.top_k > 0 ? r.count / compared_share : r.count;
    }
    return sum;
}

}  // namespace

// ---- pool -----------------------------------------------------------------------------------------------------------

struct panllama_sampling_pool {
    explicit panllama_sampling_pool(int32_t n_threads) {
        try {
            for (int32_t i = 0; i < n_threads; ++i) {
                threads.emplace_back([this] { serve(); });
            }
        } catch (...) {
            stop();
            throw;
        }
    }

    ~panllama_sampling_pool() { stop(); }

    // Works on `todo` together with up to `helpers` workers. A worker that wakes too late to join is not waited for.
    void run(job & todo, int32_t helpers) {
        {
            std::lock_guard<std::mutex> lock(mutex);
            current = &todo;
            seats   = helpers;
        }
        for (int32_t i = 0; i < helpers; ++i) {
            wake.notify_one();
        }
        todo.work();
        std::unique_lock<std::mutex> lock(mutex);
        current = nullptr;
        seats   = 0;
        done.wait(lock, [this] { return busy == 0; });
    }

    std::vector<std::thread> threads;

  private:
    void serve() {
        std::unique_lock<std::mutex> lock(mutex);
        while (true) {
            wake.wait(lock, [this] { return stopping || seats > 0; });
            if (stopping) {
                return;
            }
            job * todo = current;
            --seats;
            ++busy;
            lock.unlock();
            todo->work();
            lock.lock();
            if (--busy == 0) {
                done.notify_one();
            }
        }
    }

    void stop() {
        {
            std::lock_guard<std::mutex> lock(mutex);
            stopping = true;
        }
        wake.notify_all();
        for (std::thread & thread : threads) {
            thread.join();
        }
    }

    std::mutex              mutex;
    std::condition_variable wake;
    std::condition_variable done;
    job *                   current  = nullptr;
    int32_t                 seats    = 0;  // workers that may still join
    int32_t                 busy     = 0;  // workers that joined and have not finished
    bool                    stopping = false;
};

int32_t panllama_sampling_pool_create(int32_t n_threads, struct panllama_sampling_pool ** out) noexcept {
    *out = nullptr;
    return guarded_ok([&] { *out = new panllama_sampling_pool(std::max(n_threads, 0)); });
}

void panllama_sampling_pool_free(struct panllama_sampling_pool * pool) noexcept {
    swallowed([&] { delete pool; });
}

// ---- calls ----------------------------------------------------------------------------------------------------------

static void fetch_rows(llama_context * context, int32_t count, const int32_t * rows, llama_sampler * const * chains,
                       const int32_t * top_k, job & todo) {
    const int32_t n_vocab = llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(context)));
    for (int32_t i = 0; i < count; ++i) {
        try {
            call_rows[i] = fetch(context, rows[i], chains[i], top_k == nullptr ? 0 : top_k[i], n_vocab);
        } catch (const std::exception & error) {
            call_rows[i] = row();
            todo.fail(i, error.what());
        }
    }
}

int32_t panllama_sample(struct panllama_sampling_pool * pool, struct llama_context * context, int32_t count,
                        const int32_t * rows, struct llama_sampler * const * chains, const int32_t * top_k,
                        int32_t * tokens) noexcept {
    return guarded([&] {
        call_count     = 0;
        call_on_device = 0;
        call_rows.resize(static_cast<size_t>(count));
        call_errors.resize(std::max(call_errors.size(), static_cast<size_t>(count)));
        std::for_each(call_errors.begin(), call_errors.end(), [](std::string & error) { error.clear(); });
        call_count = count;

        job todo;
        todo.count  = count;
        todo.rows   = call_rows.data();
        todo.tokens = tokens;
        todo.errors = call_errors.data();
        fetch_rows(context, count, rows, chains, top_k, todo);
        call_on_device = static_cast<int32_t>(std::count_if(
            call_rows.begin(), call_rows.end(), [](const row & r) { return r.sampled != LLAMA_TOKEN_NULL; }));

        const int32_t threads = pool == nullptr ? 0 : static_cast<int32_t>(pool->threads.size());
        const int32_t helpers = std::min(threads, count - 1);
        if (helpers > 0 && effort(call_rows) >= worthwhile) {
            pool->run(todo, helpers);
        } else {
            todo.work();
        }
        return todo.failures.load();
    });
}

int32_t panllama_sampled_on_device(void) noexcept {
    return call_on_device;
}

const char * panllama_sample_error(int32_t i) noexcept {
    return i >= 0 && i < call_count ? call_errors[static_cast<size_t>(i)].c_str() : "";
}

int32_t panllama_sample_logits(struct llama_sampler * chain, int32_t top_k, const float * logits, int32_t n_vocab,
                               int32_t * token) noexcept {
    *token = LLAMA_TOKEN_NULL;
    return guarded_ok([&] {
        row r;
        r.chain  = chain;
        r.top_k  = top_k;
        r.logits = logits;
        r.count  = n_vocab;
        r.greedy = is_greedy(chain);
        *token   = sample(r);
    });
}
