// The ABI table: each struct that crosses the boundary, as this compiler lays it out.
#include "panllama.h"

#include <cstddef>

#define TEXT_OF(x)   #x
#define NAME_OF(x)   TEXT_OF(x)
// One struct at a time is STRUCT; F is one of its fields.
#define SIZE         { NAME_OF(STRUCT), sizeof(struct STRUCT) }
#define F(field)     { NAME_OF(STRUCT) "." #field, offsetof(struct STRUCT, field) }

static const panllama_abi_entry entries[] = {
#define STRUCT llama_batch
    SIZE, F(n_tokens), F(token), F(embd), F(pos), F(n_seq_id), F(seq_id), F(logits),
#undef STRUCT
#define STRUCT llama_model_kv_override
    SIZE, F(tag), F(key), F(val_i64), F(val_f64), F(val_bool), F(val_str),
#undef STRUCT
#define STRUCT llama_model_tensor_buft_override
    SIZE, F(pattern), F(buft),
#undef STRUCT
#define STRUCT llama_model_params
    SIZE, F(devices), F(tensor_buft_overrides), F(n_gpu_layers), F(split_mode), F(load_mode), F(lazy_mode),
    F(main_gpu), F(tensor_split), F(progress_callback), F(progress_callback_user_data), F(kv_overrides),
    F(vocab_only), F(check_tensors), F(use_extra_bufts), F(no_host), F(no_alloc), F(load_mtp),
#undef STRUCT
#define STRUCT llama_context_params
    SIZE, F(n_ctx), F(n_batch), F(n_ubatch), F(n_seq_max), F(n_rs_seq), F(n_outputs_max), F(n_outputs_max_per_seq),
    F(n_threads), F(n_threads_batch), F(ctx_type), F(rope_scaling_type), F(pooling_type), F(attention_type),
    F(flash_attn_type), F(rope_freq_base), F(rope_freq_scale), F(yarn_ext_factor), F(yarn_attn_factor),
    F(yarn_beta_fast), F(yarn_beta_slow), F(yarn_orig_ctx), F(defrag_thold), F(cb_eval), F(cb_eval_user_data),
    F(type_k), F(type_v), F(abort_callback), F(abort_callback_data), F(embeddings), F(offload_kqv), F(no_perf),
    F(op_offload), F(swa_full), F(kv_unified), F(samplers), F(n_samplers), F(ctx_other),
#undef STRUCT
#define STRUCT llama_sampler_chain_params
    SIZE, F(no_perf),
#undef STRUCT
#define STRUCT llama_sampler_seq_config
    SIZE, F(seq_id), F(sampler),
#undef STRUCT
#define STRUCT llama_logit_bias
    SIZE, F(token), F(bias),
#undef STRUCT
#define STRUCT llama_perf_context_data
    SIZE, F(t_start_ms), F(t_load_ms), F(t_p_eval_ms), F(t_eval_ms), F(n_p_eval), F(n_eval), F(n_reused),
#undef STRUCT
#define STRUCT llama_perf_sampler_data
    SIZE, F(t_sample_ms), F(n_sample),
#undef STRUCT
#define STRUCT llama_model_quantize_params
    SIZE, F(nthread), F(ftype), F(output_tensor_type), F(token_embedding_type), F(allow_requantize),
    F(quantize_output_tensor), F(only_copy), F(pure), F(keep_split), F(dry_run), F(imatrix), F(kv_overrides),
    F(tt_overrides), F(prune_layers), F(max_buf_size),
#undef STRUCT
#define STRUCT llama_model_tensor_override
    SIZE, F(pattern), F(type),
#undef STRUCT
#define STRUCT llama_model_imatrix_data
    SIZE, F(name), F(data), F(size),
#undef STRUCT
#define STRUCT ggml_backend_dev_caps
    SIZE, F(async), F(host_buffer), F(buffer_from_host_ptr), F(events), F(mmap_support),
#undef STRUCT
#define STRUCT ggml_backend_dev_props
    SIZE, F(name), F(description), F(memory_free), F(memory_total), F(type), F(device_id), F(caps),
#undef STRUCT
#define STRUCT ggml_backend_feature
    SIZE, F(name), F(value),
#undef STRUCT
#define STRUCT panllama_memory_kind
    SIZE, F(device), F(mappable), F(model), F(context), F(compute),
#undef STRUCT
#define STRUCT panllama_abi_entry
    SIZE, F(name), F(value),
#undef STRUCT
};

const panllama_abi_entry * panllama_abi_table(size_t * count) noexcept {
    *count = sizeof entries / sizeof entries[0];
    return entries;
}
