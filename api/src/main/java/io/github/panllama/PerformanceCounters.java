package io.github.panllama;

import io.github.panllama.bindings.gen.llama_perf_context_data;
import java.lang.foreign.MemorySegment;

/**
 * What a context has spent since its counters were last reset. ({@code llama_perf_context})
 *
 * @param loadMilliseconds time until the context was ready, the model's load included
 * @param promptMilliseconds time to evaluate batches of more than one token
 * @param promptTokens tokens in such batches
 * @param generationMilliseconds time to evaluate batches of one token
 * @param generatedTokens number of such batches
 * @param reusedGraphs decodes that could use the compute graph of the one before
 */
public record PerformanceCounters(
        double loadMilliseconds,
        double promptMilliseconds,
        int promptTokens,
        double generationMilliseconds,
        int generatedTokens,
        int reusedGraphs) {
    static PerformanceCounters of(MemorySegment data) {
        return new PerformanceCounters(
                llama_perf_context_data.t_load_ms(data),
                llama_perf_context_data.t_p_eval_ms(data),
                llama_perf_context_data.n_p_eval(data),
                llama_perf_context_data.t_eval_ms(data),
                llama_perf_context_data.n_eval(data),
                llama_perf_context_data.n_reused(data));
    }
}
