/*
 * panllama.h: the C surface between llama.cpp and the JVM.
 *
 * llama.cpp is C++ behind a C API, and an exception that escapes it into a JVM frame ends the process. Every call of
 * llama.h that can throw therefore has a counterpart here that cannot: each function below is `noexcept`, catches
 * everything, and answers with a status. Plain getters are not wrapped; Java calls them in llama.h directly.
 *
 * Status. Functions that return `int32_t` and have no other use for it answer PANLLAMA_OK or PANLLAMA_FAILED. Where
 * the wrapped function has a code of its own (llama_decode, llama_tokenize), that code comes back unchanged, and
 * PANLLAMA_FAILED says that it threw. After PANLLAMA_FAILED, panllama_last_error() has the reason.
 *
 * Pointers. Nothing is checked that the caller could check: handles must be live, buffers as large as they say. What
 * an `out` parameter receives is owned by the caller unless its comment says otherwise, and is NULL after a failure.
 *
 * Locale. Functions that answer with a status read and write numbers and dates as in the locale "C", with a point, whatever
 * the locale of the process. Calls of llama.h itself do not.
 *
 * Threads. As in llama.h: a model may be shared, a context and a sampler belong to one thread at a time. Messages are
 * kept per thread.
 */
#ifndef PANLLAMA_H
#define PANLLAMA_H

#include "llama.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#    define PANLLAMA_API __declspec(dllexport)
#else
#    define PANLLAMA_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#    define PANLLAMA_NOEXCEPT noexcept
extern "C" {
#else
#    define PANLLAMA_NOEXCEPT
#endif

/* The call did what it says. */
#define PANLLAMA_OK 0
/* The call threw or was refused; panllama_last_error() says why. Outside every code that llama.h returns itself. */
#define PANLLAMA_FAILED (-2147483647)

/* ---- process ---------------------------------------------------------------------------------------------------- */

/* The llama.cpp release that this file was compiled against, such as "0.5.0". */
PANLLAMA_API const char * panllama_built_for(void) PANLLAMA_NOEXCEPT;

/* The reason of the last PANLLAMA_FAILED on this thread; "" when there was none. Valid until the next failure. */
PANLLAMA_API const char * panllama_last_error(void) PANLLAMA_NOEXCEPT;

/* One line of the ABI table: "struct" with its size, or "struct.field" with its offset, both in bytes. */
struct panllama_abi_entry {
    const char * name;
    uint64_t     value;
};

/* Every struct that crosses the boundary, as the C compiler laid it out. Static; `count` gets the number of lines. */
PANLLAMA_API const struct panllama_abi_entry * panllama_abi_table(size_t * count) PANLLAMA_NOEXCEPT;

/*
 * Receives one log message, newline included, with its ggml_log_level. Messages that llama.cpp sends in parts
 * (GGML_LOG_LEVEL_CONT) arrive joined. Called on whichever thread logs; it must not throw.
 */
typedef void (*panllama_log_callback)(int32_t level, const char * text, void * user_data);

/*
 * Prepares the process: sends llama.cpp's log at `min_level` and above to `log` (NULL: discards it), installs the
 * abort and terminate hooks, and fills ggml's tables. The hooks keep the message that llama.cpp dies with (see
 * panllama_abort_message), print it on standard error, and keep ggml from forking a debugger. Loads no backend.
 *
 * A later call only replaces the log. A JVM that ends calls it with NULL, so that nothing calls back into it.
 */
PANLLAMA_API int32_t panllama_init(panllama_log_callback log, void * user_data, int32_t min_level) PANLLAMA_NOEXCEPT;

/*
 * The message of a fatal error, from the moment that the process started to die of it; "" before. For crash handlers
 * and core dumps: the symbol stays where a debugger or a signal handler finds it.
 */
PANLLAMA_API const char * panllama_abort_message(void) PANLLAMA_NOEXCEPT;

/* ---- backends --------------------------------------------------------------------------------------------------- */

/* Loads the best variant of every backend plugin in the folder: ggml_backend_load_all_from_path. */
PANLLAMA_API int32_t panllama_backends_load(const char * folder) PANLLAMA_NOEXCEPT;

/*
 * Loads one backend plugin. `out` gets its registration, which lives as long as the process. Fails with the dynamic
 * linker's own words ("libcuda.so.1: cannot open shared object file…"), or with the plugin's reason for declining.
 */
PANLLAMA_API int32_t panllama_backend_load(const char * path, ggml_backend_reg_t * out) PANLLAMA_NOEXCEPT;

/*
 * Opens a shared library and keeps it open for the life of the process, so that plugins loaded later find it by its
 * name. Fails with the dynamic linker's own words.
 */
PANLLAMA_API int32_t panllama_library_open(const char * path) PANLLAMA_NOEXCEPT;

/* Writes the path of the shared library that `address` belongs to, for instance a backend registration's. */
PANLLAMA_API int32_t panllama_library_of(const void * address, char * path, size_t capacity) PANLLAMA_NOEXCEPT;

/*
 * Computes on a device: a product of two matrices of 64 by 64, scaled; and compares the result with its own. Fails where
 * the device does not compute or is wrong. What the device cannot do at all is left out. A backend that is in no state to
 * compute may as well end the process, so this is for one that may end.
 */
PANLLAMA_API int32_t panllama_device_compute(ggml_backend_dev_t device) PANLLAMA_NOEXCEPT;

/*
 * How many of `cells` cells, of `width` numbers of a ggml_type each, a device can have in one tensor of a KV cache: all of
 * them where it has no bound, and where it cannot have such a tensor of any size. llama.cpp aborts over a larger one.
 */
PANLLAMA_API int32_t panllama_device_cache_cells(ggml_backend_dev_t device, int32_t type, int64_t width, int64_t cells,
                                                 int64_t * out) PANLLAMA_NOEXCEPT;

/* The buffer type of a device, for tensor overrides; of the CPU, where `device` is NULL. */
PANLLAMA_API int32_t panllama_device_buffer_type(ggml_backend_dev_t device, ggml_backend_buffer_type_t * out)
    PANLLAMA_NOEXCEPT;

/* ---- model and context ------------------------------------------------------------------------------------------ */

/* Loads a model from one file (its splits found by name) or from `n_paths` splits in order. */
PANLLAMA_API int32_t panllama_model_load(const char * const * paths, size_t n_paths,
                                         const struct llama_model_params * params, struct llama_model ** out)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_model_free(struct llama_model * model) PANLLAMA_NOEXCEPT;

PANLLAMA_API int32_t panllama_context_create(struct llama_model * model, const struct llama_context_params * params,
                                             struct llama_context ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_context_free(struct llama_context * context) PANLLAMA_NOEXCEPT;

/*
 * Sets the threads that compute a single token, and those that compute more. The context keeps them from one step to the
 * next: they look for work for some milliseconds, and then sleep.
 */
PANLLAMA_API int32_t panllama_context_set_threads(struct llama_context * context, int32_t n_threads,
                                                  int32_t n_threads_batch) PANLLAMA_NOEXCEPT;

/*
 * Makes a running decode stop (code 2) soon after flag[0] becomes non-zero. It may be set from any thread. Backends other
 * than the CPU look at it between steps only. The CPU's count their operations in flag[1], which any thread may read to
 * see that a decode goes on; the count wraps around. The two must outlive the context; NULL removes them.
 */
PANLLAMA_API int32_t panllama_context_set_abort_flag(struct llama_context * context, int32_t * flag) PANLLAMA_NOEXCEPT;

/* llama_decode and llama_encode: 0, 1 (no room), 2 (aborted), -1 (invalid batch), less (fatal), or PANLLAMA_FAILED. */
PANLLAMA_API int32_t panllama_decode(struct llama_context * context, const struct llama_batch * batch)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_encode(struct llama_context * context, const struct llama_batch * batch)
    PANLLAMA_NOEXCEPT;

/* Waits until the device has finished: llama_synchronize. */
PANLLAMA_API int32_t panllama_synchronize(struct llama_context * context) PANLLAMA_NOEXCEPT;

/* ---- memory (KV cache) ------------------------------------------------------------------------------------------ */

PANLLAMA_API int32_t panllama_memory_clear(struct llama_context * context, bool data) PANLLAMA_NOEXCEPT;
/* `removed` gets what llama_memory_seq_rm answers: false where a part of a sequence cannot be removed. */
PANLLAMA_API int32_t panllama_memory_remove(struct llama_context * context, int32_t sequence, int32_t from, int32_t to,
                                            bool * removed) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_memory_copy(struct llama_context * context, int32_t source, int32_t target, int32_t from,
                                          int32_t to) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_memory_keep(struct llama_context * context, int32_t sequence) PANLLAMA_NOEXCEPT;
/* Moves positions, or divides them. Refused where llama_memory_can_shift says no: the next decode would abort. */
PANLLAMA_API int32_t panllama_memory_shift(struct llama_context * context, int32_t sequence, int32_t from, int32_t to,
                                           int32_t delta) PANLLAMA_NOEXCEPT;
PANLLAMA_API int32_t panllama_memory_divide(struct llama_context * context, int32_t sequence, int32_t from, int32_t to,
                                            int32_t divisor) PANLLAMA_NOEXCEPT;

/* ---- memory use ------------------------------------------------------------------------------------------------- */

/* What a context and its model hold of one kind of memory, in bytes. */
struct panllama_memory_kind {
    ggml_backend_dev_t device;   /* whose memory it is; NULL for the host's */
    bool               mappable; /* the weights in it are pages of the file where the model is memory-mapped */
    uint64_t           model;    /* weights */
    uint64_t           context;  /* KV cache and recurrent states */
    uint64_t           compute;  /* buffers to compute in, as large as the largest micro-batch needs */
};

/*
 * Writes the kinds of memory that a context and its model are in; for a model loaded with `no_alloc`, what they would
 * take. `count` gets their number; fails where it is above `capacity`. Not counted: the buffer of the outputs.
 */
PANLLAMA_API int32_t panllama_memory_use(const struct llama_context * context, struct panllama_memory_kind * kinds,
                                         size_t capacity, size_t * count) PANLLAMA_NOEXCEPT;

/*
 * What the CPU takes beside the compute buffers while it works on the largest micro-batch with so many threads, in bytes.
 * For a model loaded with `no_alloc`, and answers 0 for one that has other devices: finding out would take memory there.
 */
PANLLAMA_API int32_t panllama_memory_scratch(struct llama_context * context, int32_t n_threads, uint64_t * out)
    PANLLAMA_NOEXCEPT;

/* ---- state ------------------------------------------------------------------------------------------------------ */

/* Bytes of the whole context's state (`sequence` < 0) or of one sequence's, as it is now. */
PANLLAMA_API int32_t panllama_state_size(struct llama_context * context, int32_t sequence, uint32_t flags, size_t * out)
    PANLLAMA_NOEXCEPT;
/* Writes the state; `written` gets the bytes. Fails when `capacity` is too small. */
PANLLAMA_API int32_t panllama_state_get(struct llama_context * context, int32_t sequence, uint32_t flags, void * data,
                                        size_t capacity, size_t * written) PANLLAMA_NOEXCEPT;
/* Restores a state that panllama_state_get wrote. Its bytes are trusted: never pass what somebody else made. */
PANLLAMA_API int32_t panllama_state_set(struct llama_context * context, int32_t sequence, uint32_t flags,
                                        const void * data, size_t size) PANLLAMA_NOEXCEPT;

/* ---- vocabulary ------------------------------------------------------------------------------------------------- */

/* llama_tokenize: the number of tokens, the negative of the number needed, INT32_MIN on overflow, or PANLLAMA_FAILED. */
PANLLAMA_API int32_t panllama_tokenize(const struct llama_vocab * vocab, const char * text, int32_t length,
                                       int32_t * tokens, int32_t capacity, bool add_special, bool parse_special)
    PANLLAMA_NOEXCEPT;
/* llama_detokenize: the number of bytes, the negative of the number needed, or PANLLAMA_FAILED. */
PANLLAMA_API int32_t panllama_detokenize(const struct llama_vocab * vocab, const int32_t * tokens, int32_t count,
                                         char * text, int32_t capacity, bool remove_special, bool unparse_special)
    PANLLAMA_NOEXCEPT;
/* llama_token_to_piece: the number of bytes, the negative of the number needed, or PANLLAMA_FAILED. */
PANLLAMA_API int32_t panllama_token_to_piece(const struct llama_vocab * vocab, int32_t token, char * text,
                                             int32_t capacity, int32_t lstrip, bool special) PANLLAMA_NOEXCEPT;

/* What panllama_token_pieces() tells of a token. */
#define PANLLAMA_PIECE_ENDS_GENERATION 1
#define PANLLAMA_PIECE_UNKNOWN         2

/*
 * The pieces of all tokens, without special ones, one after the other in `text`; ends[i] is where that of token i ends. A
 * token whose piece cannot be told has none and PANLLAMA_PIECE_UNKNOWN in flags[i]. Answers the number of bytes, of which
 * at most `capacity` were written, or PANLLAMA_FAILED. `ends` and `flags` have `count` elements, the vocabulary's size.
 */
PANLLAMA_API int32_t panllama_token_pieces(const struct llama_vocab * vocab, int32_t count, char * text,
                                           int32_t capacity, int32_t * ends, uint8_t * flags) PANLLAMA_NOEXCEPT;

/* ---- adapters --------------------------------------------------------------------------------------------------- */

PANLLAMA_API int32_t panllama_lora_load(struct llama_model * model, const char * path, struct llama_adapter_lora ** out)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_lora_free(struct llama_adapter_lora * adapter) PANLLAMA_NOEXCEPT;
/* Replaces the context's adapters with these; none when `count` is 0. */
PANLLAMA_API int32_t panllama_lora_set(struct llama_context * context, struct llama_adapter_lora ** adapters,
                                       const float * scales, size_t count) PANLLAMA_NOEXCEPT;
/*
 * Sets a control vector: `n_embd` floats for each layer from layer 1 on, applied to layers `first`..`last`, both
 * included. `data` NULL removes it.
 */
PANLLAMA_API int32_t panllama_control_vector_set(struct llama_context * context, const float * data, size_t length,
                                                 int32_t n_embd, int32_t first, int32_t last) PANLLAMA_NOEXCEPT;

/*
 * Makes the device choose the tokens of a sequence by a chain, from the next decode on: llama_set_sampler, which is
 * experimental. NULL ends that. `whole` gets whether the device runs every stage; where not, and after a failure, the
 * sequence has no chain. The chain serves this purpose alone from then on, even where it was refused, and has to live
 * until it is replaced or the context is freed. Refused for a chain that was passed here before: llama.cpp would abort.
 *
 * llama.cpp's device stages are wrong, or abort, where the host's are right. The caller has to see to it that a chain is:
 * biases, first; at most one top-k, no larger than the vocabulary; top-p and min-p that keep one token, with min-p below
 * 1; temperatures above 0; and then dist, or greedy after biases alone.
 */
PANLLAMA_API int32_t panllama_context_set_sampler(struct llama_context * context, int32_t sequence,
                                                  struct llama_sampler * chain, bool * whole) PANLLAMA_NOEXCEPT;

/* ---- quantising ------------------------------------------------------------------------------------------------- */

/*
 * Told each message that llama.cpp logs on the calling thread while it quantises, in the parts that it sends: its only
 * way to tell what it does. The answer counts at the first part of a tensor's message, "[ 3/35] name …": false ends the
 * work there.
 */
typedef bool (*panllama_quantize_callback)(const char * text, void * user_data);

/*
 * llama_model_quantize: writes `source` (its splits found by name) to `target` with other types. A target that was not
 * finished is left behind. A dry run logs its errors alone. Where a type needs an importance matrix and the tensor has
 * none, or a row does not fit the types of the output or the embeddings, llama.cpp aborts the process: check both before.
 */
PANLLAMA_API int32_t panllama_quantize(const char * source, const char * target,
                                       const struct llama_model_quantize_params * params,
                                       panllama_quantize_callback callback, void * user_data) PANLLAMA_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#include "panllama_samplers.h"
#include "panllama_sampling.h"
#include "panllama_chat.h"
#include "panllama_speculative.h"

#endif /* PANLLAMA_H */
