package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link SyntheticModel}. Lengths count numbers. Not for use by several threads. */
public final class SyntheticModelBuilder {
    private final Architecture architecture;
    private String name;
    private long seed = 1;
    private int vocabularySize = 512;
    private int contextLength = 2048;
    private int embeddingLength = 64;
    private int layers = 2;
    private int heads = 2;
    private int kvHeads = 1;
    private int headLength;
    private int ropeLength = 32;
    private int valueLength = 32;
    private int feedForwardLength = 128;
    private int experts = 8;
    private int activeExperts = 2;
    private int sharedExperts = 1;
    private int expertFeedForwardLength = 32;
    private int leadingDenseLayers = 1;
    private int queryRank = 32;
    private int keyValueRank = 64;
    private int stateLength = 128;
    private boolean tiedEmbeddings;
    private GgmlType weightType = GgmlType.F32;
    private @Nullable List<String> classifier;

    SyntheticModelBuilder(Architecture architecture) {
        this.architecture = architecture;
        this.name = "panllama synthetic " + architecture.ggufName();
        switch (architecture) {
            case MAMBA2 -> heads = 4;
            case BERT -> contextLength = 512; // a row of the table of positions for each
            default -> {}
        }
    }

    /**
     * Sets the name that the file carries.
     *
     * @param value any text
     * @return this
     */
    public SyntheticModelBuilder name(String value) {
        name = Objects.requireNonNull(value, "name");
        return this;
    }

    /**
     * Sets what the weights depend on; 1 unless set.
     *
     * @param value any number
     * @return this
     */
    public SyntheticModelBuilder seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Sets the number of tokens.
     *
     * @param value from {@link SyntheticVocabulary#MIN_SIZE} to {@link SyntheticVocabulary#MAX_SIZE}
     * @return this
     */
    public SyntheticModelBuilder vocabularySize(int value) {
        vocabularySize = value;
        return this;
    }

    /**
     * Sets the context that the model claims to have been trained with.
     *
     * @param value tokens
     * @return this
     */
    public SyntheticModelBuilder contextLength(int value) {
        contextLength = value;
        return this;
    }

    /**
     * Sets the width of the model.
     *
     * @param value at least 1; a multiple of 32 lets every matrix be quantised, of 256 also by K-quants
     * @return this
     */
    public SyntheticModelBuilder embeddingLength(int value) {
        embeddingLength = value;
        return this;
    }

    /**
     * Sets the number of layers.
     *
     * @param value 1 to 512
     * @return this
     */
    public SyntheticModelBuilder layers(int value) {
        layers = value;
        return this;
    }

    /**
     * Sets the number of heads.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder heads(int value) {
        heads = value;
        return this;
    }

    /**
     * Sets the number of key-value heads. Latent attention and state-space layers have none.
     *
     * @param value a divisor of the number of heads
     * @return this
     */
    public SyntheticModelBuilder kvHeads(int value) {
        kvHeads = value;
        return this;
    }

    /**
     * Sets the length of a head; unless set, the embedding length divided by the number of heads. With latent attention
     * it is the part of a key that does not rotate. State-space heads follow from the width.
     *
     * @param value even
     * @return this
     */
    public SyntheticModelBuilder headLength(int value) {
        headLength = value;
        return this;
    }

    /**
     * Sets the part of a latent-attention key that rotates with the position.
     *
     * @param value even
     * @return this
     */
    public SyntheticModelBuilder ropeLength(int value) {
        ropeLength = value;
        return this;
    }

    /**
     * Sets the length of a latent-attention value.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder valueLength(int value) {
        valueLength = value;
        return this;
    }

    /**
     * Sets the inner length of dense feed-forward layers.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder feedForwardLength(int value) {
        feedForwardLength = value;
        return this;
    }

    /**
     * Sets the number of routed experts of a layer.
     *
     * @param value 1 to 512
     * @return this
     */
    public SyntheticModelBuilder experts(int value) {
        experts = value;
        return this;
    }

    /**
     * Sets how many experts a token is routed to.
     *
     * @param value 1 to the number of experts
     * @return this
     */
    public SyntheticModelBuilder activeExperts(int value) {
        activeExperts = value;
        return this;
    }

    /**
     * Sets how many experts every token passes through as well; for {@link Architecture#DEEPSEEK2}.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder sharedExperts(int value) {
        sharedExperts = value;
        return this;
    }

    /**
     * Sets the inner length of an expert.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder expertFeedForwardLength(int value) {
        expertFeedForwardLength = value;
        return this;
    }

    /**
     * Sets how many layers at the beginning have no experts; for {@link Architecture#DEEPSEEK2}.
     *
     * @param value 0 to the number of layers
     * @return this
     */
    public SyntheticModelBuilder leadingDenseLayers(int value) {
        leadingDenseLayers = value;
        return this;
    }

    /**
     * Sets the length of the latent query; for {@link Architecture#DEEPSEEK2}.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder queryRank(int value) {
        queryRank = value;
        return this;
    }

    /**
     * Sets the length of the latent key and value; for {@link Architecture#DEEPSEEK2}.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder keyValueRank(int value) {
        keyValueRank = value;
        return this;
    }

    /**
     * Sets the state of each channel; for {@link Architecture#MAMBA2}. CUDA takes 128 and 256.
     *
     * @param value at least 1
     * @return this
     */
    public SyntheticModelBuilder stateLength(int value) {
        stateLength = value;
        return this;
    }

    /**
     * Sets whether logits come from the embedding matrix, so that the file has no output matrix.
     *
     * @param value false unless set
     * @return this
     */
    public SyntheticModelBuilder tiedEmbeddings(boolean value) {
        tiedEmbeddings = value;
        return this;
    }

    /**
     * Sets how matrices are stored. Vectors, routers, convolutions, and matrices whose rows do not fill whole blocks
     * stay in F32.
     *
     * @param value a type that {@link GgufWriter#canEncode} can encode
     * @return this
     */
    public SyntheticModelBuilder weightType(GgmlType value) {
        weightType = Objects.requireNonNull(value, "weightType");
        return this;
    }

    /**
     * Gives the model a head that scores a sequence, as rerankers have; for {@link Architecture#BERT}.
     *
     * @param labels what each score is called; none for one score without a label
     * @return this
     */
    public SyntheticModelBuilder classifier(List<String> labels) {
        classifier = List.copyOf(labels);
        return this;
    }

    /**
     * Checks the settings.
     *
     * @return the model, ready to be written
     * @throws IllegalArgumentException if settings contradict each other or lie outside what llama.cpp takes
     */
    public SyntheticModel build() {
        if (!GgufWriter.canEncode(weightType)) {
            throw new IllegalArgumentException("no encoder for weight type " + weightType);
        }
        Shape shape = shape();
        shape.check();
        return new SyntheticModel(shape, seed, name);
    }

    /**
     * Builds the model and writes it.
     *
     * @param path the file
     * @throws IllegalArgumentException if the settings are wrong
     * @throws IOException if writing fails
     */
    public void write(Path path) throws IOException {
        build().write(path);
    }

    private Shape shape() {
        boolean latent = architecture == Architecture.DEEPSEEK2;
        int head = headLength != 0 || heads < 1 ? headLength : embeddingLength / heads;
        return new Shape(
                architecture,
                vocabularySize,
                contextLength,
                embeddingLength,
                layers,
                heads,
                architecture.isEncoder() || latent ? heads : kvHeads,
                head,
                latent ? ropeLength : head,
                latent ? valueLength : head,
                feedForwardLength,
                experts,
                activeExperts,
                sharedExperts,
                expertFeedForwardLength,
                leadingDenseLayers,
                queryRank,
                keyValueRank,
                stateLength,
                tiedEmbeddings,
                weightType,
                classifier);
    }
}
