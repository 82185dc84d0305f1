package io.github.panllama;

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
        int reusedGraphs) {}
