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

    /** Of a row of weights: what is beyond is no small model, and overflows where two are multiplied. */
    private static final int MAX_LENGTH = 1 << 15;

    private static final int MAX_CONTEXT = 1 << 24;

    void check() {
        // BERT has a row of weights for each position.
        within("context length", contextLength, 1, architecture == Architecture.BERT ? MAX_LENGTH : MAX_CONTEXT);
        within("vocabulary size", vocabularySize, SyntheticVocabulary.MIN_SIZE, SyntheticVocabulary.MAX_SIZE);
        length("embedding length", embeddingLength);
        within("layers", layers, 1, MAX_LAYERS);
        if (architecture == Architecture.MAMBA2) {
            within("heads", heads, 1, 2 * embeddingLength);
            divides("heads", heads, "inner length", 2 * embeddingLength);
            length("state length", stateLength);
            return;
        }
        length("heads", heads);
        within("key-value heads", kvHeads, 1, heads);
        divides("key-value heads", kvHeads, "heads", heads);
        length("head length", headLength);
        length("rope length", ropeLength);
        divides("2", 2, "rope length", ropeLength);
        length("value length", valueLength);
        length("feed-forward length", feedForwardLength);
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
            length("expert feed-forward length", expertFeedForwardLength);
        }
        if (architecture == Architecture.DEEPSEEK2) {
            length("shared experts", sharedExperts);
            within("leading dense layers", leadingDenseLayers, 0, layers);
            length("query rank", queryRank);
            length("key-value rank", keyValueRank);
        }
    }

    /** The same with other layers; where some have experts, one keeps them. */
    Shape withLayers(int count) {
        int dense = hasExperts() ? Math.min(leadingDenseLayers, count - 1) : leadingDenseLayers;
        return new Shape(
                architecture,
                vocabularySize,
                contextLength,
                embeddingLength,
                count,
                heads,
                kvHeads,
                headLength,
                ropeLength,
                valueLength,
                feedForwardLength,
                experts,
                activeExperts,
                sharedExperts,
                expertFeedForwardLength,
                dense,
                queryRank,
                keyValueRank,
                stateLength,
                tiedEmbeddings,
                weightType,
                classifier);
    }

    boolean hasExperts() {
        return architecture == Architecture.DEEPSEEK2 || architecture == Architecture.QWEN3MOE;
    }

    private static void length(String what, int value) {
        within(what, value, 1, MAX_LENGTH);
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
