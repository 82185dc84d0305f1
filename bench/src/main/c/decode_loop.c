/*
 * The other side of the overhead benchmark: what a C program does to decode and sample greedily, over llama.h.
 *
 *   decode_loop BACKENDS MODEL SEQUENCES PROMPT WARM_UP STEPS UNIFIED
 *
 * For each line on standard input it starts all sequences anew with a prompt of PROMPT tokens, takes WARM_UP steps
 * untimed and STEPS steps timed, and prints the nanoseconds that those took, the nanoseconds that the processor worked for
 * them, and a checksum of all sampled ids.
 *
 * Compiled with -DPANLLAMA_SHIM, decode and sample are the two calls that the Java API makes. The difference between
 * that program and the Java one is then Java alone.
 */
#define _POSIX_C_SOURCE 199309L

#include "ggml-backend.h"
#include "llama.h"

#ifdef PANLLAMA_SHIM
#    include "panllama.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_SEQUENCES = 256 };

static struct llama_context * context;
static struct llama_batch     batch;
static int32_t                sequences, prompt, warm_up, steps;
static struct llama_sampler * samplers[MAX_SEQUENCES];
static int32_t                rows[MAX_SEQUENCES];
static llama_token            tokens[MAX_SEQUENCES];
static llama_pos              position;
static uint64_t               checksum;

static void die(const char * what) {
    fprintf(stderr, "decode_loop: %s\n", what);
    exit(1);
}

static void quiet(enum ggml_log_level level, const char * text, void * user_data) {
    (void) user_data;
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void add(llama_token token, llama_pos at, llama_seq_id sequence, bool output) {
    const int32_t row       = batch.n_tokens++;
    batch.token[row]        = token;
    batch.pos[row]          = at;
    batch.n_seq_id[row]     = 1;
    batch.seq_id[row][0]    = sequence;
    batch.logits[row]       = output;
}

static void decode_and_sample(void) {
#ifdef PANLLAMA_SHIM
    if (panllama_decode(context, &batch) != 0) {
        die("decode failed");
    }
    if (panllama_sample(NULL, context, sequences, rows, samplers, NULL, tokens) != 0) {
        die("sampling failed");
    }
#else
    if (llama_decode(context, batch) != 0) {
        die("decode failed");
    }
    for (int32_t s = 0; s < sequences; ++s) {
        tokens[s] = llama_sampler_sample(samplers[s], context, rows[s]);
    }
#endif
    for (int32_t s = 0; s < sequences; ++s) {
        checksum = (checksum ^ (uint64_t) tokens[s]) * 0x100000001b3ULL;
    }
}

/* The prompt's tokens are printable ASCII characters of the synthetic vocabulary, another one for each sequence. */
static void start(void) {
    llama_memory_clear(llama_get_memory(context), false);
    checksum       = 0xcbf29ce484222325ULL;
    batch.n_tokens = 0;
    for (int32_t s = 0; s < sequences; ++s) {
        for (int32_t i = 0; i < prompt; ++i) {
            add(100 + (s * 31 + i * 7) % 90, i, s, i == prompt - 1);
        }
        rows[s] = batch.n_tokens - 1;
    }
    decode_and_sample();
    for (int32_t s = 0; s < sequences; ++s) {
        rows[s] = s;
    }
    position = prompt;
}

static void take(int32_t count) {
    for (int32_t i = 0; i < count; ++i, ++position) {
        batch.n_tokens = 0;
        for (int32_t s = 0; s < sequences; ++s) {
            add(tokens[s], position, s, true);
        }
        decode_and_sample();
    }
}

static void open_context(const char * file, bool unified) {
    struct llama_model * model = llama_model_load_from_file(file, llama_model_default_params());
    if (model == NULL) {
        die("the model does not load");
    }
    const int32_t               length = prompt + warm_up + steps;
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx                       = (uint32_t) (length * sequences);
    params.n_batch                     = (uint32_t) (prompt * sequences);
    params.n_seq_max                   = (uint32_t) sequences;
    params.n_threads                   = 1;
    params.n_threads_batch             = 1;
    params.flash_attn_type             = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.kv_unified                  = unified;
    context                            = llama_init_from_model(model, params);
    if (context == NULL) {
        die("no context");
    }
    batch = llama_batch_init(prompt * sequences, 0, 1);
    for (int32_t s = 0; s < sequences; ++s) {
        samplers[s] = llama_sampler_chain_init(llama_sampler_chain_default_params());
        llama_sampler_chain_add(samplers[s], llama_sampler_init_greedy());
    }
}

int main(int argc, char ** argv) {
    if (argc != 8) {
        die("usage: decode_loop BACKENDS MODEL SEQUENCES PROMPT WARM_UP STEPS UNIFIED");
    }
    sequences = atoi(argv[3]);
    prompt    = atoi(argv[4]);
    warm_up   = atoi(argv[5]);
    steps     = atoi(argv[6]);
    if (sequences < 1 || sequences > MAX_SEQUENCES) {
        die("too many sequences");
    }
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[1]);
    open_context(argv[2], atoi(argv[7]) != 0);

    for (int c; (c = getchar()) != EOF;) {
        if (c != '\n') {
            continue;
        }
        start();
        take(warm_up);
        const int64_t begin_cpu = now(CLOCK_THREAD_CPUTIME_ID);
        const int64_t begin     = now(CLOCK_MONOTONIC);
        take(steps);
        const int64_t end       = now(CLOCK_MONOTONIC);
        const int64_t end_cpu   = now(CLOCK_THREAD_CPUTIME_ID);
        printf("%lld %lld %llu\n", (long long) (end - begin), (long long) (end_cpu - begin_cpu),
               (unsigned long long) checksum);
        fflush(stdout);
    }
    return 0;
}
