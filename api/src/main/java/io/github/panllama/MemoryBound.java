package io.github.panllama;

import io.github.panllama.bindings.gen.llama_context_params;
import java.lang.foreign.MemorySegment;

/**
 * A rough bound of what a context takes, found without asking llama.cpp. Where several times that is free there is nothing
 * to plan, as for every small model.
 */
final class MemoryBound {
    /** Keys and values of 4 bytes each, as wide as the model. */
    private static final long WIDEST_CELL = 8;
    /** Numbers of a state for each number of the hidden one, in each layer; a few hundred at most. */
    private static final long STATE_WIDTH = 1024;
    /** Scores of attention in 4 bytes, once more after softmax, once more in 2 bytes. */
    private static final long BYTES_PER_SCORE = 12;
    /** Rows as wide as the model or its widest layer that are alive at the same time. */
    private static final long LIVE_ROWS = 64;

    private MemoryBound() {}

    /** Bytes of a context with such parameters. */
    static double context(LlamaModel model, ContextOptions options, MemorySegment params) {
        ModelFiles files = model.modelFiles();
        ModelFigures figures = model.figures();
        double cells = llama_context_params.n_ctx(params);
        double sequences = llama_context_params.n_seq_max(params);
        double rows = Math.max(llama_context_params.n_ubatch(params), sequences);
        double outputs = Math.max(sequences, llama_context_params.n_batch(params));
        double widest = Math.max(figures.hiddenSize(), files.figure("feed_forward_length"))
                * Math.max(1.0, files.figure("expert_used_count"));

        long perCell = files.cacheBytesPerToken(
                MemoryNeed.typeOf(options.keyCacheType), MemoryNeed.typeOf(options.valueCacheType));
        double cache = cells * (perCell > 0 ? perCell : WIDEST_CELL * figures.hiddenSize() * figures.layers());
        double states = figures.recurrent() || figures.hybrid()
                ? sequences
                        * (1 + llama_context_params.n_rs_seq(params))
                        * STATE_WIDTH
                        * figures.hiddenSize()
                        * figures.layers()
                        * Float.BYTES
                : 0;
        double scores = rows * (cells + rows) * Math.max(1, files.figure("attention.head_count")) * BYTES_PER_SCORE;
        double logits = (rows + outputs) * (figures.vocabularySize() + figures.embeddingLength()) * Float.BYTES;
        return cache + states + scores + logits + rows * widest * LIVE_ROWS * Float.BYTES;
    }
}
