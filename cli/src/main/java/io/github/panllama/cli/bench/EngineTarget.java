package io.github.panllama.cli.bench;

import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.LlamaEngine;

/**
 * An engine of this process. It takes the likeliest token and goes on after an end of generation, so that each request
 * gets as many tokens as it asks for.
 *
 * <p><b>Threads.</b> Any, virtual ones too.
 */
public final class EngineTarget implements Target {
    private final LlamaEngine engine;

    /** A target; the engine stays the caller's. */
    public EngineTarget(LlamaEngine engine) {
        this.engine = engine;
    }

    @Override
    public CompletedRequest complete(int[] prompt, int tokens) {
        CompletionRequest request = CompletionRequest.builder(prompt)
                .maxTokens(tokens)
                .sampling(SamplingOptions.greedy())
                .ignoreEndOfGeneration(true)
                .build();
        long submitted = System.nanoTime();
        CompletionResult result = engine.generate(request).await();
        if (result.usage().generatedTokens() != tokens) {
            throw new IllegalStateException("%d tokens were generated, %d were asked for"
                    .formatted(result.usage().generatedTokens(), tokens));
        }
        return new CompletedRequest(submitted, result.usage(), result.timings());
    }
}
