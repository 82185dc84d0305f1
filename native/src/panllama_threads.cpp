// The threads that compute on the CPU. Without a pool llama.cpp makes them anew for every step. See panllama.h.
#include "panllama_internal.h"

#include "ggml-backend.h"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <vector>

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

// Threads that do nothing but wait to be let go.
class idle_threads {
  public:
    // Throws where the system starts no more.
    void start() {
        threads.emplace_back([this] {
            std::unique_lock<std::mutex> lock(state);
            released.wait(lock, [this] { return ended; });
        });
    }

    ~idle_threads() {
        {
            const std::lock_guard<std::mutex> lock(state);
            ended = true;
        }
        released.notify_all();
        for (std::thread & thread : threads) {
            thread.join();
        }
    }

  private:
    std::mutex               state;
    std::condition_variable  released;
    bool                     ended = false;
    std::vector<std::thread> threads;
};

// ggml ends the process where one of a pool's threads cannot be started. So as many are started before, all at the same time.
void try_threads(int32_t n_threads) {
    idle_threads others;
    for (int32_t i = 1; i < n_threads; ++i) {
        try {
            others.start();
        } catch (const std::system_error & error) {
            throw std::runtime_error("the system starts no more than " + std::to_string(i) + " of " +
                                     std::to_string(n_threads) + " threads (" + error.what() +
                                     "): take fewer, or raise its limits");
        }
    }
}

// Its threads sleep until the first step.
pool make_pool(int32_t n_threads) {
    try_threads(n_threads);
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

// The pools of a context, by their number of threads: llama.cpp wants exactly as many as compute. They stay as long as the
// context does, because its backend touches the last pool once more when it gets another.
using pools = std::map<int32_t, pool>;

// Never destroyed: a process may end while a context computes.
std::mutex &                                 mutex    = *new std::mutex;
std::unordered_map<llama_context *, pools> & attached = *new std::unordered_map<llama_context *, pools>;

ggml_threadpool * pool_of(pools & all, int32_t n_threads) {
    auto found = all.find(n_threads);
    if (found == all.end()) {
        found = all.emplace(n_threads, make_pool(n_threads)).first;
    }
    return found->second.get();
}

}  // namespace

namespace panllama {

void set_threads(llama_context * context, int32_t n_threads, int32_t n_threads_batch) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (cpu().has_pools() && (n_threads > 1 || n_threads_batch > 1)) {
        pools &           all    = attached[context];
        ggml_threadpool * single = pool_of(all, n_threads);
        llama_attach_threadpool(context, single, pool_of(all, n_threads_batch));
    } else {
        llama_detach_threadpool(context);
    }
    llama_set_n_threads(context, n_threads, n_threads_batch);
}

void free_context(llama_context * context) {
    std::unordered_map<llama_context *, pools>::node_type left;
    {
        // Before the context goes: its address may be another's right after that.
        const std::lock_guard<std::mutex> lock(mutex);
        left = attached.extract(context);
    }
    llama_free(context);
}

}  // namespace panllama

int32_t panllama_context_set_threads(struct llama_context * context, int32_t n_threads,
                                     int32_t n_threads_batch) noexcept {
    return guarded_ok([&] { set_threads(context, n_threads, n_threads_batch); });
}
