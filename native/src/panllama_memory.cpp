// What a context and its model hold of memory, or would. See panllama.h.
#include "panllama_internal.h"

#include "../src/llama-ext.h"
#include "ggml-backend.h"
#include "ggml-cpu.h"

#if defined(_WIN32)
#    include <windows.h>
#else
#    include <dlfcn.h>
#endif

#include <algorithm>

using namespace panllama;

namespace {

// The device that a buffer type is of. The CPU's own buffer type does not say.
ggml_backend_dev_t device_of(ggml_backend_buffer_type_t type) {
    ggml_backend_dev_t device = ggml_backend_buft_get_device(type);
    return device != nullptr ? device : ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
}

// Memory that is the host's: pinned buffers of a GPU's backend, weights in an order of the CPU's own.
bool is_hosts(ggml_backend_buffer_type_t type, ggml_backend_dev_t device) {
    if (ggml_backend_buft_is_host(type) || device == nullptr) {
        return true;
    }
    const auto of = ggml_backend_dev_type(device);
    return of == GGML_BACKEND_DEVICE_TYPE_CPU || of == GGML_BACKEND_DEVICE_TYPE_ACCEL;
}

// Whether llama.cpp leaves weights of this type where the file is mapped.
bool is_mappable(ggml_backend_buffer_type_t type, ggml_backend_dev_t device) {
    if (device == nullptr || type != ggml_backend_dev_buffer_type(device)) {
        return false;
    }
    ggml_backend_dev_props props;
    ggml_backend_dev_get_props(device, &props);
    return props.caps.buffer_from_host_ptr;
}

using graph_plan = ggml_cplan (*)(const ggml_cgraph *, int, ggml_threadpool *);

// The CPU backend's own planner of a graph, which is in the plugin that was chosen for this processor.
graph_plan find_graph_plan() {
    ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    char               path[4096];
    if (cpu == nullptr ||
        panllama_library_of(ggml_backend_dev_backend_reg(cpu), path, sizeof path) != PANLLAMA_OK) {
        return nullptr;
    }
#if defined(_WIN32)
    HMODULE library = GetModuleHandleA(path);
    return library == nullptr ? nullptr :
                                reinterpret_cast<graph_plan>(reinterpret_cast<void *>(
                                    GetProcAddress(library, "ggml_graph_plan")));
#else
    void * library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    if (library == nullptr) {
        return nullptr;
    }
    void * symbol = dlsym(library, "ggml_graph_plan");
    dlclose(library);  // ggml keeps it open
    return reinterpret_cast<graph_plan>(symbol);
#endif
}

}  // namespace

int32_t panllama_memory_use(const struct llama_context * context, struct panllama_memory_kind * kinds, size_t capacity,
                            size_t * count) noexcept {
    *count = 0;
    return guarded([&] {
        const llama_memory_breakdown breakdown = llama_get_memory_breakdown(context);
        if (breakdown.size() > capacity) {
            return failed("there are more kinds of memory than there is room for");
        }
        for (const auto & [type, bytes] : breakdown) {
            ggml_backend_dev_t device = device_of(type);
            kinds[(*count)++]         = { is_hosts(type, device) ? nullptr : device, is_mappable(type, device),
                                          bytes.model, bytes.context, bytes.compute };
        }
        return PANLLAMA_OK;
    });
}

int32_t panllama_memory_scratch(struct llama_context * context, int32_t n_threads, uint64_t * out) noexcept {
    *out = 0;
    return guarded([&] {
        if (llama_model_n_devices(llama_get_model(context)) > 0) {
            return PANLLAMA_OK;
        }
        const graph_plan plan = find_graph_plan();
        if (plan == nullptr) {
            return failed("the CPU backend does not say what it takes to compute");
        }
        complaints     heard;
        const uint32_t tokens  = std::min(llama_n_ctx(context), llama_n_ubatch(context));
        const uint32_t outputs = std::min(tokens, llama_n_batch(context));
        ggml_cgraph *  graph   = llama_graph_reserve(context, tokens, llama_n_seq_max(context), outputs);
        if (graph == nullptr) {
            return heard.fail("the largest micro-batch could not be laid out");
        }
        *out = plan(graph, n_threads, nullptr).work_size;
        return PANLLAMA_OK;
    });
}
