/*
 * What panllama's results are compared with: llama.h used directly, the way its own examples do. Greedy generation for
 * many sequences that join at different steps, and embeddings.
 *
 *   reference generate LIBRARIES MODEL THREADS CONTEXT SEQUENCES < plan     one line of token ids for each line of plan
 *   reference embed    LIBRARIES MODEL THREADS CONTEXT SEQUENCES POOLING FLASH < plan
 *                                                                           one line of hexadecimal floats for each
 *
 * A line of the plan is a sequence: JOIN COUNT TOKEN...; it joins at step JOIN with these tokens as its prompt and
 * generates COUNT tokens. Everything that may run at a step is one batch.
 */
#include "ggml-backend.h"
#include "llama.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SEQUENCES = 64, MAX_TOKENS = 4096, BATCH = 512 };

struct sequence {
    int           join;
    int           count;
    int           prompt_length;
    llama_token   prompt[MAX_TOKENS];
    int           generated_length;
    llama_token   generated[MAX_TOKENS];
    int           position;
    int           row; /* of its output in the last batch, -1 for none */
};

static struct sequence sequences[MAX_SEQUENCES];
static int             n_sequences;

static void fail(const char * what) {
    fprintf(stderr, "reference: %s\n", what);
    exit(1);
}

static void quiet(enum ggml_log_level level, const char * text, void * user_data) {
    (void) user_data;
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

static void read_plan(void) {
    static char line[1 << 16];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (n_sequences == MAX_SEQUENCES) {
            fail("too many sequences");
        }
        struct sequence * s = &sequences[n_sequences++];
        s->row              = -1;
        int field           = 0;
        for (char * word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n"), ++field) {
            const int value = atoi(word);
            if (field == 0) {
                s->join = value;
            } else if (field == 1) {
                s->count = value;
            } else {
                s->prompt[s->prompt_length++] = value;
            }
        }
    }
}

static void add(struct llama_batch * batch, llama_token token, int position, int sequence, int output) {
    const int i         = batch->n_tokens++;
    batch->token[i]     = token;
    batch->pos[i]       = position;
    batch->n_seq_id[i]  = 1;
    batch->seq_id[i][0] = sequence;
    batch->logits[i]    = (int8_t) output;
}

static llama_token largest(const float * logits, int n) {
    int best = 0;
    for (int i = 1; i < n; ++i) {
        if (logits[i] > logits[best]) {
            best = i;
        }
    }
    return best;
}

/* One batch of everything that runs at this step. */
static void fill(struct llama_batch * batch, int step) {
    batch->n_tokens = 0;
    for (int i = 0; i < n_sequences; ++i) {
        struct sequence * s = &sequences[i];
        s->row              = -1;
        if (step < s->join || s->generated_length == s->count) {
            continue;
        }
        if (step == s->join) {
            for (int t = 0; t < s->prompt_length; ++t) {
                add(batch, s->prompt[t], s->position++, i, t == s->prompt_length - 1);
            }
        } else {
            add(batch, s->generated[s->generated_length - 1], s->position++, i, 1);
        }
        s->row = batch->n_tokens - 1;
    }
}

static int unfinished(void) {
    for (int i = 0; i < n_sequences; ++i) {
        if (sequences[i].generated_length < sequences[i].count) {
            return 1;
        }
    }
    return 0;
}

static void generate(struct llama_context * context, struct llama_batch * batch, int n_vocab) {
    for (int step = 0; unfinished(); ++step) {
        fill(batch, step);
        if (batch->n_tokens == 0) {
            continue;
        }
        if (llama_decode(context, *batch) != 0) {
            fail("llama_decode failed");
        }
        for (int i = 0; i < n_sequences; ++i) {
            struct sequence * s = &sequences[i];
            if (s->row >= 0) {
                s->generated[s->generated_length++] = largest(llama_get_logits_ith(context, s->row), n_vocab);
            }
        }
    }
    for (int i = 0; i < n_sequences; ++i) {
        for (int t = 0; t < sequences[i].generated_length; ++t) {
            printf(t == 0 ? "%d" : " %d", sequences[i].generated[t]);
        }
        putchar('\n');
    }
}

static void embed(struct llama_context * context, struct llama_batch * batch, int n_embd, int encode) {
    fill(batch, 0);
    for (int i = 0; i < batch->n_tokens; ++i) {
        batch->logits[i] = 1;
    }
    if ((encode ? llama_encode(context, *batch) : llama_decode(context, *batch)) != 0) {
        fail("the batch cannot be computed");
    }
    for (int i = 0; i < n_sequences; ++i) {
        const float * embedding = llama_get_embeddings_seq(context, i);
        if (embedding == NULL) {
            fail("there is no embedding");
        }
        for (int d = 0; d < n_embd; ++d) {
            printf(d == 0 ? "%a" : " %a", (double) embedding[d]);
        }
        putchar('\n');
    }
}

int main(int argc, char ** argv) {
    const int embeddings = argc > 1 && strcmp(argv[1], "embed") == 0;
    if (argc != 7 + 2 * embeddings) {
        fail("other arguments are expected; see reference.c");
    }
    const int threads    = atoi(argv[4]);
    read_plan();

    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[2]);
    struct llama_model_params model_params = llama_model_default_params();
    model_params.n_gpu_layers              = 0;
    struct llama_model * model             = llama_model_load_from_file(argv[3], model_params);
    if (model == NULL) {
        fail("the model does not load");
    }
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx                       = (uint32_t) atoi(argv[5]);
    params.n_batch                     = BATCH;
    params.n_ubatch                    = BATCH;
    params.n_seq_max                   = (uint32_t) atoi(argv[6]);
    params.n_threads                   = threads;
    params.n_threads_batch             = threads;
    if (embeddings) {
        params.embeddings      = true;
        params.kv_unified      = true;
        params.flash_attn_type = (enum llama_flash_attn_type) atoi(argv[8]);
        params.pooling_type    = (enum llama_pooling_type) atoi(argv[7]);
    }
    struct llama_context * context     = llama_init_from_model(model, params);
    if (context == NULL) {
        fail("no context can be made");
    }
    struct llama_batch batch = llama_batch_init(BATCH, 0, 1);
    if (embeddings) {
        embed(context, &batch, llama_model_n_embd_out(model), llama_model_has_encoder(model));
    } else {
        generate(context, &batch, llama_vocab_n_tokens(llama_model_get_vocab(model)));
    }
    llama_batch_free(batch);
    llama_free(context);
    llama_model_free(model);
    return 0;
}
