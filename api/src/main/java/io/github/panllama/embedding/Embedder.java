package io.github.panllama.embedding;

import io.github.panllama.Embedding;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.PoolingType;
import io.github.panllama.ProgressListener;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/**
 * Turns texts into vectors that are near each other where the texts mean the same. Many texts are packed into each
 * batch; the results come in the order of the texts.
 *
 * <p>Works with models that are encoders, such as BERT, with decoders, such as those made for embeddings from Qwen or
 * Mistral, and with the encoder of models that have both, such as T5.
 *
 * <p><b>Threads.</b> May be shared by any number of threads, whose batches take turns. {@link #close()} waits for the
 * batch that is being computed; what is left to do then ends with an {@link IllegalStateException}.
 */
public final class Embedder implements AutoCloseable {
    private static final ProgressListener NOBODY = fraction -> true;

    private final SequenceBatches batches;
    private final TextTokens texts;
    private final PoolingType pooling;
    private final Normalization normalization;
    private final int dimensions;

    private Embedder(SequenceBatches batches, TextTokens texts, PoolingType pooling, Normalization normalization) {
        this.batches = batches;
        this.texts = texts;
        this.pooling = pooling;
        this.normalization = normalization;
        this.dimensions = batches.model().embeddingLength();
    }

    /**
     * Makes an embedder with the default options.
     *
     * @throws IllegalArgumentException if the model is a reranker
     * @throws LlamaException if there is not enough memory
     */
    public static Embedder of(LlamaModel model) {
        return of(model, EmbedderOptions.defaults());
    }

    /**
     * Makes an embedder, with a context of its own. The model has to stay open for as long as texts are given.
     *
     * @throws IllegalArgumentException if the options ask for more than the model takes, or the model is a reranker
     * @throws LlamaException if there is not enough memory, or the options do not fit the model
     */
    public static Embedder of(LlamaModel model, EmbedderOptions options) {
        PoolingType pooling = pooling(model, options.pooling);
        boolean each = pooling == PoolingType.NONE;
        Normalization normalization = options.normalization != null
                ? options.normalization
                : each ? Normalization.NONE : Normalization.EUCLIDEAN;
        SequenceBatches batches = SequenceBatches.of(model, pooling, options.batches);
        try {
            TextTokens texts = new TextTokens(model, options.parseSpecial, options.truncation, batches.maxTokens());
            return new Embedder(batches, texts, pooling, normalization);
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }

    private static PoolingType pooling(LlamaModel model, PoolingType wanted) {
        // A context of a model that names none does not pool, which is not what a text's embedding is asked for.
        PoolingType pooling =
                wanted == PoolingType.UNSPECIFIED ? model.pooling().orElse(PoolingType.MEAN) : wanted;
        if (pooling == PoolingType.RANK) {
            throw new IllegalArgumentException(model + " gives scores: use a Reranker, or choose another pooling");
        }
        return pooling;
    }

    /**
     * The embedding of a text.
     *
     * @return {@link #dimensions()} numbers
     * @throws IllegalArgumentException if the text has no tokens, or too many and may not be cut
     * @throws IllegalStateException if the embedder or its model is closed, or there is an embedding of each token
     */
    public float[] embed(String text) {
        return embed(List.of(text)).getFirst();
    }

    /** The embedding of a text that was turned into tokens before; nothing is added to them. */
    public float[] embed(int[] tokens) {
        return embedTokens(List.of(tokens), NOBODY).getFirst();
    }

    /** The embeddings of texts, in their order. */
    public List<float[]> embed(List<String> texts) {
        return embed(texts, NOBODY);
    }

    /**
     * The embeddings of texts, in their order. Nothing is computed if one of them is refused.
     *
     * @param listener told before each batch, and at the end; may cancel
     * @throws IllegalArgumentException if a text has no tokens, or too many and may not be cut; names its index
     * @throws CancellationException if the listener cancels
     */
    public List<float[]> embed(List<String> texts, ProgressListener listener) {
        return whole(tokenize(texts), listener);
    }

    /**
     * The same for texts that were turned into tokens before; nothing is added to them.
     *
     * @throws IndexOutOfBoundsException if a token is not in the vocabulary
     */
    public List<float[]> embedTokens(List<int[]> tokens, ProgressListener listener) {
        return whole(cut(tokens), listener);
    }

    private List<float[]> whole(List<int[]> tokens, ProgressListener listener) {
        Objects.requireNonNull(listener, "listener");
        if (pooling == PoolingType.NONE) {
            throw new IllegalStateException("The embedder does not pool: ask for embeddings of each token");
        }
        float[][] results = new float[tokens.size()][];
        batches.run(
                tokens,
                listener,
                (context, index, sequence, firstRow) ->
                        results[index] = vector(context.sequenceEmbedding(sequence), index));
        return Arrays.asList(results);
    }

    /**
     * The embeddings of a text's tokens, in their order, of an embedder with {@link PoolingType#NONE}.
     *
     * @throws IllegalStateException if the embedder pools, or it or its model is closed
     */
    public List<float[]> embedEach(String text) {
        return embedEach(List.of(text), NOBODY).getFirst();
    }

    /** The same for a text that was turned into tokens before; nothing is added to them. */
    public List<float[]> embedEach(int[] tokens) {
        return each(cut(List.of(tokens)), NOBODY).getFirst();
    }

    /** The embeddings of the tokens of several texts: see {@link #embed(List, ProgressListener)}. */
    public List<List<float[]>> embedEach(List<String> texts, ProgressListener listener) {
        return each(tokenize(texts), listener);
    }

    private List<List<float[]>> each(List<int[]> tokens, ProgressListener listener) {
        Objects.requireNonNull(listener, "listener");
        if (pooling != PoolingType.NONE) {
            throw new IllegalStateException("The embedder pools (" + pooling + "): ask for embeddings of whole texts");
        }
        float[][][] results = new float[tokens.size()][][];
        batches.run(tokens, listener, (context, index, sequence, firstRow) -> {
            float[][] rows = new float[tokens.get(index).length][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = vector(context.embedding(firstRow + i), index);
            }
            results[index] = rows;
        });
        return Arrays.stream(results).map(Arrays::asList).toList();
    }

    private float[] vector(Embedding embedding, int index) {
        float[] vector = embedding.toArray();
        for (float value : vector) {
            if (!Float.isFinite(value)) {
                throw new LlamaException("The embedding of text %d has the number %s".formatted(index, value));
            }
        }
        return normalization.apply(vector);
    }

    /**
     * The tokens that are computed for a text: those that the model wants around it are there, and what is too long is
     * cut, if that may be.
     */
    public int[] tokenize(String text) {
        batches.checkOpen("embedder");
        return texts.of(text);
    }

    private List<int[]> tokenize(List<String> list) {
        batches.checkOpen("embedder");
        return SequenceBatches.checkElements("text", list).stream()
                .map(texts::of)
                .toList();
    }

    private List<int[]> cut(List<int[]> list) {
        batches.checkOpen("embedder");
        return SequenceBatches.checkElements("tokens of text", list).stream()
                .map(texts::of)
                .toList();
    }

    /** How embeddings of tokens become one. */
    public PoolingType pooling() {
        return pooling;
    }

    /** How the numbers are scaled. */
    public Normalization normalization() {
        return normalization;
    }

    /** Numbers of an embedding. */
    public int dimensions() {
        return dimensions;
    }

    /** Tokens of the longest text. */
    public int maxTokens() {
        return batches.maxTokens();
    }

    /**
     * The cosine of the angle between two embeddings: 1 for the same direction, 0 for none in common. Two vectors of
     * zeros are alike, one is like no other.
     *
     * @throws IllegalArgumentException if they have different lengths
     */
    public static float cosine(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(
                    "The embeddings have %d and %d numbers, must have as many".formatted(a.length, b.length));
        }
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            lengthA += (double) a[i] * a[i];
            lengthB += (double) b[i] * b[i];
        }
        if (lengthA == 0 || lengthB == 0) {
            return lengthA == lengthB ? 1 : 0;
        }
        return (float) (product / Math.sqrt(lengthA * lengthB));
    }

    /** Frees the context. May be called twice. */
    @Override
    public void close() {
        batches.close();
    }
}
