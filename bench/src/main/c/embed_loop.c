/*
 * The other side of the embeddings benchmark: what a C program does to embed many texts, over llama.h. Like
 * llama-embedding it takes the texts in their order and begins a new batch when the next one does not fit.
 *
 *   embed_loop BACKENDS MODEL BATCH FLASH TEXTS
 *
 * TEXTS is a file with a text on each line; BATCH the tokens of a batch, which is also the most of a text; FLASH
 * whether to use flash attention: 1, 0, or -1 for what llama.cpp does by itself. For each line on standard input it
 * embeds all texts and prints the nanoseconds that this took and the nanoseconds that the processor worked for it. The
 * line is the name of a file, to which it writes the embeddings afterwards, floats in the machine's order; no file, if
 * it is empty. Where the line begins with "=", each text is computed in a batch of its own.
 */
#define _POSIX_C_SOURCE 200809L

#include "ggml-backend.h"
#include "llama.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_SEQUENCES = 256 };

static const struct llama_vocab * vocab;
static struct llama_model *       model;
static struct llama_context *     context;
static struct llama_batch         batch;
static int32_t                    capacity, n_embd;
static char **                    texts;
static int32_t                    n_texts;
static float *                    embeddings;

static void die(const char * what) {
    fprintf(stderr, "embed_loop: %s\n", what);
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

static void read_texts(const char * name) {
    FILE * file = fopen(name, "r");
    if (file == NULL) {
        die("there is no file of texts");
    }
    int32_t room = 0;
    char *  line = NULL;
    size_t  size = 0;
    for (ssize_t length; (length = getline(&line, &size, file)) > 0; line = NULL, size = 0) {
        if (n_texts == room) {
            room  = room == 0 ? 1024 : 2 * room;
            texts = realloc(texts, (size_t) room * sizeof(char *));
            if (texts == NULL) {
                die("no memory");
            }
        }
        line[strcspn(line, "\n")] = '\0';
        texts[n_texts++]          = line;
    }
    free(line);
    fclose(file);
}

static void normalize(const float * from, float * to) {
    double sum = 0.0;
    for (int32_t i = 0; i < n_embd; ++i) {
        sum += from[i] * from[i];
    }
    const float factor = sum > 0.0 ? (float) (1.0 / sqrt(sum)) : 0.0f;
    for (int32_t i = 0; i < n_embd; ++i) {
        to[i] = from[i] * factor;
    }
}

/* The batch holds `count` texts, of which the first is `first`. */
static void compute(int32_t first, int32_t count) {
    llama_memory_clear(llama_get_memory(context), true);
    const int32_t code = llama_model_has_encoder(model) ? llama_encode(context, batch) : llama_decode(context, batch);
    if (code != 0) {
        die("the batch cannot be computed");
    }
    for (int32_t s = 0; s < count; ++s) {
        const float * embedding = llama_get_embeddings_seq(context, s);
        if (embedding == NULL) {
            die("there is no embedding");
        }
        normalize(embedding, embeddings + (size_t) (first + s) * (size_t) n_embd);
    }
    batch.n_tokens = 0;
}

static void embed(int32_t most_sequences, llama_token * tokens) {
    int32_t first = 0, count = 0;
    for (int32_t t = 0; t < n_texts; ++t) {
        const int32_t length =
            llama_tokenize(vocab, texts[t], (int32_t) strlen(texts[t]), tokens, capacity, true, true);
        if (length <= 0) {
            die("a text has no tokens, or too many");
        }
        if (count > 0 && (batch.n_tokens + length > capacity || count == most_sequences)) {
            compute(first, count);
            first = t;
            count = 0;
        }
        for (int32_t i = 0; i < length; ++i) {
            const int32_t row      = batch.n_tokens++;
            batch.token[row]       = tokens[i];
            batch.pos[row]         = i;
            batch.n_seq_id[row]    = 1;
            batch.seq_id[row][0]   = count;
            batch.logits[row]      = true;
        }
        ++count;
    }
    if (count > 0) {
        compute(first, count);
    }
}

static void open_context(const char * file, int flash) {
    model = llama_model_load_from_file(file, llama_model_default_params());
    if (model == NULL) {
        die("the model does not load");
    }
    vocab                              = llama_model_get_vocab(model);
    n_embd                             = llama_model_n_embd_out(model);
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx                       = (uint32_t) capacity;
    params.n_batch                     = (uint32_t) capacity;
    params.n_ubatch                    = (uint32_t) capacity;
    params.n_seq_max                   = capacity < MAX_SEQUENCES ? (uint32_t) capacity : MAX_SEQUENCES;
    params.n_threads                   = 1;
    params.n_threads_batch             = 1;
    params.kv_unified                  = true;
    params.embeddings                  = true;
    params.flash_attn_type             = (enum llama_flash_attn_type) flash;
    context                            = llama_init_from_model(model, params);
    if (context == NULL) {
        die("no context");
    }
    if (llama_pooling_type(context) == LLAMA_POOLING_TYPE_NONE) {
        die("the model does not say how to pool");
    }
    batch = llama_batch_init(capacity, 0, 1);
}

static void write_embeddings(const char * name) {
    FILE * file = fopen(name, "wb");
    const size_t size = sizeof(float) * (size_t) n_embd;
    if (file == NULL || fwrite(embeddings, size, (size_t) n_texts, file) != (size_t) n_texts || fclose(file) != 0) {
        die("the embeddings cannot be written");
    }
}

int main(int argc, char ** argv) {
    if (argc != 6) {
        die("usage: embed_loop BACKENDS MODEL BATCH FLASH TEXTS");
    }
    capacity = atoi(argv[3]);
    if (capacity < 1) {
        die("the batch holds nothing");
    }
    read_texts(argv[5]);
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[1]);
    open_context(argv[2], atoi(argv[4]));
    embeddings           = malloc(sizeof(float) * (size_t) n_embd * (size_t) n_texts);
    llama_token * tokens = malloc(sizeof(llama_token) * (size_t) capacity);
    if (embeddings == NULL || tokens == NULL) {
        die("no memory");
    }

    char line[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const bool    alone       = line[0] == '=';
        const char *  name        = alone ? line + 1 : line;
        const int64_t begin_cpu   = now(CLOCK_THREAD_CPUTIME_ID);
        const int64_t begin       = now(CLOCK_MONOTONIC);
        embed(alone ? 1 : (int32_t) llama_n_seq_max(context), tokens);
        const int64_t end     = now(CLOCK_MONOTONIC);
        const int64_t end_cpu = now(CLOCK_THREAD_CPUTIME_ID);
        if (name[0] != '\0') {
            write_embeddings(name);
        }
        printf("%lld %lld\n", (long long) (end - begin), (long long) (end_cpu - begin_cpu));
        fflush(stdout);
    }
    return 0;
}
