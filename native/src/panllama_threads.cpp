// The threads that compute on the CPU. Without a pool llama.cpp makes them anew for every step. See panllama.h.
#include "panllama_internal.h"

#include "ggml-backend.h"

#include <memory>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

using namespace panllama;

namespace {

// How long a thread looks for more work before it sleeps, in ggml's units of 131,072 looks: a few milliseconds, longer than
// it is from one step to the next, and too short to keep a processor from others for long.
constexpr uint32_t POLL = 1;

// The functions of the CPU backend, which is a plugin.
struct cpu_backend {
    ggml_threadpool * (*make)(ggml_threadpool_params *) = nullptr;
    void (*free)(ggml_threadpool *)                     = nullptr;

    cpu_backend() {
        ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
        ggml_backend_reg_t reg = cpu == nullptr ? nullptr : ggml_backend_dev_backend_reg(cpu);
        if (reg != nullptr) {
            make = reinterpret_cast<decltype(make)>(ggml_backend_reg_get_proc_address(reg, "ggml_threadpool_new"));
            free = reinterpret_cast<decltype(free)>(ggml_backend_reg_get_proc_address(reg, "ggml_threadpool_free"));
        }
    }

    bool has_pools() const { return make != nullptr && free != nullptr; }
};

const cpu_backend & cpu() {
    static const cpu_backend found;  // all backends are loaded before the first context is made
    return found;
}

using pool = std::unique_ptr<ggml_threadpool, void (*)(ggml_threadpool *)>;

// Its threads sleep until the first step.
pool make_pool(int32_t n_threads) {
    ggml_threadpool_params params;
    ggml_threadpool_params_init(&params, n_threads);
    params.poll   = POLL;
    params.paused = true;
    pool made(cpu().make(&params), cpu().free);
    if (made == nullptr) {
        throw std::runtime_error("ggml made no pool of " + std::to_string(n_threads) + " threads");
    }
    return made;
}

// The pools of a context: one, or two where a batch is computed by another number of threads, for llama.cpp wants a pool
// to have exactly those that compute.
struct pools {
    pool single;
    pool batch;
};

std::mutex                                mutex;
std::unordered_map<llama_context *, pools> attached;

}  // namespace

namespace panllama {

void set_threads(llama_context * context, int32_t n_threads, int32_t n_threads_batch) {
    const bool pooled = cpu().has_pools() && (n_threads > 1 || n_threads_batch > 1);
    pools      made{ pool(nullptr, cpu().free), pool(nullptr, cpu().free) };
    if (pooled) {
        made.single = make_pool(n_threads);
        if (n_threads_batch != n_threads) {
            made.batch = make_pool(n_threads_batch);
        }
    }
    llama_set_n_threads(context, n_threads, n_threads_batch);
    llama_detach_threadpool(context);
    if (pooled) {
        llama_attach_threadpool(context, made.single.get(), made.batch.get());
    }
    const std::lock_guard<std::mutex> lock(mutex);
    attached.insert_or_assign(context, std::move(made));
}

void forget_threads(llama_context * context) {
    const std::lock_guard<std::mutex> lock(mutex);
    attached.erase(context);
}

}  // namespace panllama

int32_t panllama_context_set_threads(struct llama_context * context, int32_t n_threads,
                                     int32_t n_threads_batch) noexcept {
    return guarded_ok([&] { set_threads(context, n_threads, n_threads_batch); });
}
