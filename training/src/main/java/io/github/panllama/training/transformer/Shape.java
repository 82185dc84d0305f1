package io.github.panllama.training.transformer;

/**
 * The figures of a model.
 *
 * <p>Without experts it is llama.cpp's architecture {@code llama}, with them {@code deepseek}: the feed-forward layers
 * after the first are a shared expert and routed ones.
 *
 * @param vocabulary number of tokens; the embedding is also the output matrix
 * @param width of the residual stream
 * @param feedForward width inside a dense feed-forward layer
 * @param experts number of routed experts, 0 for a dense model
 * @param expertsUsed how many of them a token goes to
 * @param expertWidth width inside each expert
 * @param context longest document
 */
public record Shape(
        int vocabulary,
        int width,
        int layers,
        int heads,
        int keyValueHeads,
        int feedForward,
        int experts,
        int expertsUsed,
        int expertWidth,
        int context) {
    public static final float EPSILON = 1e-6f;
    public static final float ROPE_BASE = 10_000;

    public Shape {
        if (width % heads != 0 || heads % keyValueHeads != 0 || width / heads % 2 != 0 || expertsUsed > experts) {
            throw new IllegalArgumentException("No model has " + heads + " heads over " + keyValueHeads
                    + " key-value heads in a width of " + width + " with " + expertsUsed + " of " + experts
                    + " experts");
        }
    }

    public int headWidth() {
        return width / heads;
    }

    public int keyValueWidth() {
        return keyValueHeads * headWidth();
    }

    /** Whether a layer's feed-forward is a mixture of experts. */
    public boolean mixes(int layer) {
        return experts > 0 && layer > 0;
    }
}
