// Whether a device computes at all, and how much it takes at once. See panllama.h.
#include "panllama_internal.h"

#include "ggml-alloc.h"
#include "ggml-backend.h"
#include "ggml.h"

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace panllama;

namespace {

// A side of the matrices: so large that CUDA takes cuBLAS for the product, as for prompts. The scaling is a kernel of the
// plugin's own, in a file of its own that is small: where it has to be compiled for the chip first, that takes no minute.
constexpr int64_t SIDE  = 64;
constexpr float   SCALE = 0.5F;
// Of the sum of what is added, without signs. The numbers below have few bits: half precision loses none of them.
constexpr double TOLERANCE = 0.01;

template <typename T, void (*FREE)(T *)> struct freed {
    void operator()(T * it) const noexcept { FREE(it); }
};
template <typename T, void (*FREE)(T *)> using owner = std::unique_ptr<T, freed<T, FREE>>;

using backend_owner = owner<ggml_backend, ggml_backend_free>;
using context_owner = owner<ggml_context, ggml_free>;
using buffer_owner  = owner<ggml_backend_buffer, ggml_backend_buffer_free>;

std::vector<float> numbers(int64_t stride, int64_t modulus) {
    std::vector<float> values(SIDE * SIDE);
    for (int64_t i = 0; i < SIDE * SIDE; ++i) {
        values[i] = static_cast<float>(i * stride % modulus - modulus / 2) / 8;
    }
    return values;
}

// Compares the scaled products of rows (`result` has those with row j of b in its row j), and tells the first that is off.
void compare(const std::vector<float> & a, const std::vector<float> & b, const std::vector<float> & result, float scale) {
    for (int64_t j = 0; j < SIDE; ++j) {
        for (int64_t i = 0; i < SIDE; ++i) {
            double sum = 0;
            double all = 0;
            for (int64_t k = 0; k < SIDE; ++k) {
                const double product = static_cast<double>(a[i * SIDE + k]) * b[j * SIDE + k] * scale;
                sum += product;
                all += std::fabs(product);
            }
            const double is = result[j * SIDE + i];
            if (!(std::fabs(is - sum) <= TOLERANCE * all)) {  // also where it is no number
                throw std::runtime_error("it computes wrongly: " + std::to_string(is) + " instead of " +
                                         std::to_string(sum) + " in a product of matrices");
            }
        }
    }
}

int32_t compute(ggml_backend_dev_t device) {
    const complaints    heard;
    const backend_owner backend(ggml_backend_dev_init(device, nullptr));
    if (backend == nullptr) {
        return heard.fail("it cannot be opened");
    }
    const context_owner context(
        ggml_init({ 8 * ggml_tensor_overhead() + ggml_graph_overhead(), nullptr, /* no_alloc = */ true }));
    if (context == nullptr) {
        throw std::bad_alloc();
    }
    ggml_tensor * a       = ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, SIDE, SIDE);
    ggml_tensor * b       = ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, SIDE, SIDE);
    ggml_tensor * product = ggml_mul_mat(context.get(), a, b);
    ggml_tensor * scaled  = ggml_scale(context.get(), product, SCALE);
    if (!ggml_backend_dev_supports_op(device, product)) {
        return PANLLAMA_OK;
    }
    const bool    scales = ggml_backend_dev_supports_op(device, scaled);
    ggml_tensor * last   = scales ? scaled : product;
    ggml_cgraph * graph  = ggml_new_graph(context.get());
    ggml_build_forward_expand(graph, last);
    const buffer_owner buffer(ggml_backend_alloc_ctx_tensors(context.get(), backend.get()));
    if (buffer == nullptr) {
        return heard.fail("it has not 64 KiB of memory left");
    }
    const std::vector<float> a_values = numbers(7, 13);
    const std::vector<float> b_values = numbers(5, 11);
    ggml_backend_tensor_set(a, a_values.data(), 0, ggml_nbytes(a));
    ggml_backend_tensor_set(b, b_values.data(), 0, ggml_nbytes(b));
    const ggml_status status = ggml_backend_graph_compute(backend.get(), graph);
    if (status != GGML_STATUS_SUCCESS) {
        throw std::runtime_error(std::string("it does not compute: ") + ggml_status_to_string(status));
    }
    std::vector<float> result(SIDE * SIDE);
    ggml_backend_tensor_get(last, result.data(), 0, ggml_nbytes(last));
    compare(a_values, b_values, result, scales ? SCALE : 1);
    return PANLLAMA_OK;
}

// Whether the device writes a row of so many numbers into a cache of so many rows.
bool stores(ggml_backend_dev_t device, ggml_type type, int64_t width, int64_t cells) {
    const context_owner context(ggml_init({ 8 * ggml_tensor_overhead(), nullptr, /* no_alloc = */ true }));
    if (context == nullptr) {
        throw std::bad_alloc();
    }
    ggml_tensor * cache = ggml_new_tensor_2d(context.get(), type, width, cells);
    ggml_tensor * row   = ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, width, 1);
    ggml_tensor * place = ggml_new_tensor_1d(context.get(), GGML_TYPE_I64, 1);
    return ggml_backend_dev_supports_op(device, ggml_set_rows(context.get(), cache, row, place));
}

}  // namespace

int32_t panllama_device_compute(ggml_backend_dev_t device) noexcept {
    return guarded([&] { return compute(device); });
}

int32_t panllama_device_cache_cells(ggml_backend_dev_t device, int32_t type, int64_t width, int64_t cells,
                                    int64_t * out) noexcept {
    *out = cells;
    return guarded_ok([&] {
        const ggml_type of = static_cast<ggml_type>(type);
        if (width % ggml_blck_size(of) != 0 || !stores(device, of, width, 1) || stores(device, of, width, cells)) {
            return;  // the size is not what is wrong, if anything
        }
        int64_t low  = 1;
        int64_t high = cells;
        while (high - low > 1) {
            const int64_t middle = low + (high - low) / 2;
            (stores(device, of, width, middle) ? low : high) = middle;
        }
        *out = low;
    });
}
