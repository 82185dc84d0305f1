package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every dimension of a model. What an architecture has no use for is 0.
 *
 * @param headLength numbers in a head: of queries, keys and values, or of a state-space layer; for latent attention the
 *     part of a key that does not rotate
 * @param ropeLength numbers of a head that rotate with the position
 * @param stateLength numbers of state for each channel of a state-space layer
 * @param classifier the labels of a classification head, none for a head with one output; {@code null} for no head
 */
record Shape(
        Architecture architecture,
        int vocabularySize,
        int contextLength,
        int embeddingLength,
        int layers,
        int heads,
        int kvHeads,
        int headLength,
        int ropeLength,
        int valueLength,
        int feedForwardLength,
        int experts,
        int activeExperts,
        int sharedExperts,
        int expertFeedForwardLength,
        int leadingDenseLayers,
        int queryRank,
        int keyValueRank,
        int stateLength,
        boolean tiedEmbeddings,
        GgmlType weightType,
        @Nullable List<String> classifier) {

    /** Past these llama.cpp aborts the process. */
    private static final int MAX_LAYERS = 512;

    private static final int MAX_EXPERTS = 512;

    void check() {
        atLeast("context length", contextLength, 1);
        atLeast("embedding length", embeddingLength, 1);
        within("layers", layers, 1, MAX_LAYERS);
        if (architecture == Architecture.MAMBA2) {
            within("heads", heads, 1, 2 * embeddingLength);
            divides("heads", heads, "inner length", 2 * embeddingLength);
            atLeast("state length", stateLength, 1);
            return;
        }
        atLeast("heads", heads, 1);
        within("key-value heads", kvHeads, 1, heads);
        divides("key-value heads", kvHeads, "heads", heads);
        atLeast("head length", headLength, 1);
        divides("2", 2, "rope length", ropeLength);
        atLeast("feed-forward length", feedForwardLength, 1);
        if (classifier != null && architecture != Architecture.BERT) {
            throw new IllegalArgumentException(architecture + " cannot have a classifier, only BERT can");
        }
        boolean wide = architecture == Architecture.QWEN2 || architecture.isEncoder();
        if (wide && heads * headLength != embeddingLength) {
            throw new IllegalArgumentException(architecture + " needs heads × head length (" + heads + " × "
                    + headLength + ") to be the embedding length " + embeddingLength);
        }
        if (hasExperts()) {
            within("experts", experts, 1, MAX_EXPERTS);
            within("active experts", activeExperts, 1, experts);
            atLeast("expert feed-forward length", expertFeedForwardLength, 1);
        }
        if (architecture == Architecture.DEEPSEEK2) {
            atLeast("shared experts", sharedExperts, 1);
            within("leading dense layers", leadingDenseLayers, 0, layers);
            atLeast("query rank", queryRank, 1);
            atLeast("key-value rank", keyValueRank, 1);
        }
    }

    boolean hasExperts() {
        return architecture == Architecture.DEEPSEEK2 || architecture == Architecture.QWEN3MOE;
    }

    private static void atLeast(String what, int value, int least) {
        within(what, value, least, Integer.MAX_VALUE);
    }

    private static void within(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", must be " + least + " to " + most);
        }
    }

    private static void divides(String what, int divisor, String whole, int value) {
        if (value % divisor != 0) {
            throw new IllegalArgumentException(whole + " " + value + " is not a multiple of " + what + " " + divisor);
        }
    }
}
