// Model, context, memory, state, vocabulary, adapters. See panllama.h.
#include "panllama_internal.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

using namespace panllama;

// ---- model and context ----------------------------------------------------------------------------------------------

int32_t panllama_model_load(const char * const * paths, size_t n_paths, const struct llama_model_params * params,
                            struct llama_model ** out) noexcept {
    *out = nullptr;
    return guarded([&] {
        complaints heard;
        *out = n_paths == 1 ? llama_model_load_from_file(paths[0], *params) :
                              llama_model_load_from_splits(const_cast<const char **>(paths), n_paths, *params);
        return *out != nullptr ? PANLLAMA_OK : heard.fail("the progress callback stopped the load");
    });
}

void panllama_model_free(struct llama_model * model) noexcept {
    swallowed([&] { llama_model_free(model); });
}

int32_t panllama_context_create(struct llama_model * model, const struct llama_context_params * params,
                                struct llama_context ** out) noexcept {
    *out = nullptr;
    return guarded([&] {
        complaints heard;
        std::unique_ptr<llama_context, decltype(&free_context)> made(llama_init_from_model(model, *params), free_context);
        if (made == nullptr) {
            return heard.fail("llama.cpp made no context and gave no reason");
        }
        set_threads(made.get(), llama_n_threads(made.get()), llama_n_threads_batch(made.get()));
        *out = made.release();
        return PANLLAMA_OK;
    });
}

void panllama_context_free(struct llama_context * context) noexcept {
    swallowed([&] { free_context(context); });
}

// Called by one of the threads that compute, before each operation of the CPU's.
static bool flag_is_set(void * data) {
    volatile int32_t * flag = static_cast<volatile int32_t *>(data);
    flag[1] = static_cast<int32_t>(static_cast<uint32_t>(flag[1]) + 1);
    return flag[0] != 0;
}

int32_t panllama_context_set_abort_flag(struct llama_context * context, int32_t * flag) noexcept {
    return guarded_ok([&] { llama_set_abort_callback(context, flag == nullptr ? nullptr : flag_is_set, flag); });
}

int32_t panllama_decode(struct llama_context * context, const struct llama_batch * batch) noexcept {
    return guarded([&] { return llama_decode(context, *batch); });
}

int32_t panllama_encode(struct llama_context * context, const struct llama_batch * batch) noexcept {
    return guarded([&] { return llama_encode(context, *batch); });
}

int32_t panllama_synchronize(struct llama_context * context) noexcept {
    return guarded_ok([&] { llama_synchronize(context); });
}

// ---- memory ---------------------------------------------------------------------------------------------------------

// The memory, for operations that move positions: llama.cpp aborts at the next decode where it cannot.
static llama_memory_t shiftable(struct llama_context * context) {
    llama_memory_t memory = llama_get_memory(context);
    if (memory != nullptr && !llama_memory_can_shift(memory)) {
        throw std::runtime_error("this context's memory cannot shift positions");
    }
    return memory;
}

int32_t panllama_memory_clear(struct llama_context * context, bool data) noexcept {
    return guarded_ok([&] { llama_memory_clear(llama_get_memory(context), data); });
}

int32_t panllama_memory_remove(struct llama_context * context, int32_t sequence, int32_t from, int32_t to,
                               bool * removed) noexcept {
    *removed = false;
    return guarded_ok([&] { *removed = llama_memory_seq_rm(llama_get_memory(context), sequence, from, to); });
}

int32_t panllama_memory_copy(struct llama_context * context, int32_t source, int32_t target, int32_t from,
                             int32_t to) noexcept {
    return guarded_ok([&] { llama_memory_seq_cp(llama_get_memory(context), source, target, from, to); });
}

int32_t panllama_memory_keep(struct llama_context * context, int32_t sequence) noexcept {
    return guarded_ok([&] { llama_memory_seq_keep(llama_get_memory(context), sequence); });
}

int32_t panllama_memory_shift(struct llama_context * context, int32_t sequence, int32_t from, int32_t to,
                              int32_t delta) noexcept {
    return guarded_ok([&] { llama_memory_seq_add(shiftable(context), sequence, from, to, delta); });
}

int32_t panllama_memory_divide(struct llama_context * context, int32_t sequence, int32_t from, int32_t to,
                               int32_t divisor) noexcept {
    return guarded_ok([&] { llama_memory_seq_div(shiftable(context), sequence, from, to, divisor); });
}

// ---- state ----------------------------------------------------------------------------------------------------------

int32_t panllama_state_size(struct llama_context * context, int32_t sequence, uint32_t flags, size_t * out) noexcept {
    *out = 0;
    return guarded([&] {
        complaints heard;
        *out = sequence < 0 ? llama_state_get_size(context) : llama_state_seq_get_size_ext(context, sequence, flags);
        return *out > 0 ? PANLLAMA_OK : heard.fail("the state has no size");
    });
}

int32_t panllama_state_get(struct llama_context * context, int32_t sequence, uint32_t flags, void * data,
                           size_t capacity, size_t * written) noexcept {
    *written = 0;
    return guarded([&] {
        complaints heard;
        auto *     bytes = static_cast<uint8_t *>(data);
        *written         = sequence < 0 ? llama_state_get_data(context, bytes, capacity) :
                                          llama_state_seq_get_data_ext(context, bytes, capacity, sequence, flags);
        return *written > 0 ? PANLLAMA_OK : heard.fail("the state could not be written");
    });
}

int32_t panllama_state_set(struct llama_context * context, int32_t sequence, uint32_t flags, const void * data,
                           size_t size) noexcept {
    return guarded([&] {
        complaints   heard;
        const auto * bytes = static_cast<const uint8_t *>(data);
        const size_t read  = sequence < 0 ? llama_state_set_data(context, bytes, size) :
                                            llama_state_seq_set_data_ext(context, bytes, size, sequence, flags);
        return read > 0 ? PANLLAMA_OK : heard.fail("the state could not be read");
    });
}

// ---- vocabulary -----------------------------------------------------------------------------------------------------

int32_t panllama_tokenize(const struct llama_vocab * vocab, const char * text, int32_t length, int32_t * tokens,
                          int32_t capacity, bool add_special, bool parse_special) noexcept {
    return guarded([&] {
        return llama_tokenize(vocab, text, length, tokens, capacity, add_special, parse_special);
    });
}

int32_t panllama_detokenize(const struct llama_vocab * vocab, const int32_t * tokens, int32_t count, char * text,
                            int32_t capacity, bool remove_special, bool unparse_special) noexcept {
    return guarded([&] {
        return llama_detokenize(vocab, tokens, count, text, capacity, remove_special, unparse_special);
    });
}

int32_t panllama_token_to_piece(const struct llama_vocab * vocab, int32_t token, char * text, int32_t capacity,
                                int32_t lstrip, bool special) noexcept {
    return guarded([&] { return llama_token_to_piece(vocab, token, text, capacity, lstrip, special); });
}

// The bytes of a token, or a negative number where they cannot be told. `piece` has room for them all; throws where there is
// no memory for it.
static int32_t whole_piece(const struct llama_vocab * vocab, int32_t token, std::vector<char> & piece) {
    const auto write = [&] {
        return panllama_token_to_piece(vocab, token, piece.data(), static_cast<int32_t>(piece.size()), 0, false);
    };
    const int32_t length = write();
    if (length >= 0 || length == PANLLAMA_FAILED) {
        return length;
    }
    piece.resize(static_cast<size_t>(-length));
    return write();
}

int32_t panllama_token_pieces(const struct llama_vocab * vocab, int32_t count, char * text, int32_t capacity,
                              int32_t * ends, uint8_t * flags) noexcept {
    return guarded([&] {
        std::vector<char> piece(64);
        int32_t           size = 0;
        for (int32_t i = 0; i < count; ++i) {
            const int32_t length = whole_piece(vocab, i, piece);
            flags[i] = (llama_vocab_is_eog(vocab, i) ? PANLLAMA_PIECE_ENDS_GENERATION : 0) |
                       (length < 0 ? PANLLAMA_PIECE_UNKNOWN : 0);
            const int32_t known = std::max(length, 0);
            if (known > INT32_MAX - size) {
                throw std::length_error("the pieces of the vocabulary are too long");
            }
            if (known <= capacity - size) {
                std::copy_n(piece.begin(), known, text + size);
            }
            size += known;
            ends[i] = size;
        }
        return size;
    });
}

// ---- adapters -------------------------------------------------------------------------------------------------------

int32_t panllama_lora_load(struct llama_model * model, const char * path, struct llama_adapter_lora ** out) noexcept {
    *out = nullptr;
    return guarded([&] {
        complaints heard;
        *out = llama_adapter_lora_init(model, path);
        return *out != nullptr ? PANLLAMA_OK : heard.fail("the adapter could not be loaded");
    });
}

void panllama_lora_free(struct llama_adapter_lora * adapter) noexcept {
    swallowed([&] { llama_adapter_lora_free(adapter); });
}

int32_t panllama_lora_set(struct llama_context * context, struct llama_adapter_lora ** adapters, const float * scales,
                          size_t count) noexcept {
    return guarded([&] {
        complaints    heard;
        const int32_t status = llama_set_adapters_lora(context, adapters, count, const_cast<float *>(scales));
        return status == 0 ? PANLLAMA_OK : heard.fail("the adapters could not be set");
    });
}

int32_t panllama_control_vector_set(struct llama_context * context, const float * data, size_t length, int32_t n_embd,
                                    int32_t first, int32_t last) noexcept {
    return guarded([&] {
        complaints    heard;
        const int32_t status = llama_set_adapter_cvec(context, data, length, n_embd, first, last);
        return status == 0 ? PANLLAMA_OK : heard.fail("the control vector could not be set");
    });
}
