package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Matrix;
import io.github.panllama.training.math.Products;
import io.github.panllama.training.math.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Loss and gradients of a batch of documents. Holds the room for that; belongs to one thread. */
public final class Network {
    private final Parameters parameters;
    private final int capacity;
    private final int width;
    private final int vocabulary;
    private final Products products = new Products();
    private final List<Block> blocks = new ArrayList<>();
    private final Norm outputNorm;
    /** What goes into each block, and what comes out of the last. */
    private final float[][] streams;

    private final float[] dstream;
    /** Rows of the places that have a target. */
    private final float[] outputs;

    private final float[] normed;
    private final float[] doutputs;
    private float[] logits = new float[0];

    /**
     * Makes the room.
     *
     * @param capacity the most places of a batch
     */
    public Network(Parameters parameters, int capacity) {
        this.parameters = parameters;
        this.capacity = capacity;
        Shape shape = parameters.shape();
        width = shape.width();
        vocabulary = shape.vocabulary();
        Rotary rotary = new Rotary(shape.headWidth(), shape.context());
        for (int i = 0; i < shape.layers(); i++) {
            blocks.add(new Block(parameters, i, products, rotary, capacity));
        }
        outputNorm = new Norm(parameters.outputNorm(), capacity);
        streams = new float[shape.layers() + 1][capacity * width];
        dstream = new float[capacity * width];
        outputs = new float[capacity * width];
        normed = new float[capacity * width];
        doutputs = new float[capacity * width];
    }

    /** The sum of the losses of all targets, in nats. */
    public double loss(Documents documents) {
        if (documents.places() > capacity) {
            throw new IllegalArgumentException(documents.places() + " places in a batch for at most " + capacity);
        }
        forward(documents);
        int[] rows = trainedRows(documents);
        double loss = 0;
        for (int i = 0; i < rows.length; i++) {
            double target = logits[i * vocabulary + documents.targets()[rows[i]]];
            loss += Vectors.softmax(logits, i * vocabulary, vocabulary) - target;
        }
        return loss;
    }

    /**
     * The sum of the losses of all targets, in nats; adds the gradients of {@code share} times their mean, and of as much
     * of the loss that balances experts.
     *
     * @param gradients as long as the parameters
     */
    public double lossAndGradients(Documents documents, float share, float[] gradients) {
        double loss = loss(documents);
        float[] weights = parameters.values();
        int trained = documents.trained();
        int[] rows = trainedRows(documents);
        for (int i = 0; i < trained; i++) {
            int row = i * vocabulary;
            logits[row + documents.targets()[rows[i]]] -= 1;
            Vectors.scale(logits, row, vocabulary, share / trained);
        }
        Matrix dlogits = Matrix.of(logits, trained, vocabulary);
        products.multiplyAdd(
                dlogits.transposed(),
                Matrix.of(normed, trained, width),
                parameters.embedding().in(gradients));
        Matrix dnormed = Matrix.of(normed, trained, width);
        products.multiply(dlogits, parameters.embedding().in(weights), dnormed);
        Arrays.fill(doutputs, 0, trained * width, 0);
        outputNorm.backward(weights, gradients, outputs, normed, doutputs, trained);

        Arrays.fill(dstream, 0, documents.places() * width, 0);
        for (int i = 0; i < trained; i++) {
            System.arraycopy(doutputs, i * width, dstream, rows[i] * width, width);
        }
        for (int i = blocks.size() - 1; i >= 0; i--) {
            blocks.get(i).backward(weights, gradients, documents, streams[i], dstream, share);
        }
        for (int t = 0; t < documents.places(); t++) {
            int to = parameters.embedding().offset() + documents.inputs()[t] * width;
            Vectors.addScaled(1, dstream, t * width, gradients, to, width);
        }
        return loss;
    }

    /** The loss that balances experts, summed over the layers: 1 for each where the load is even. */
    public double balanceLoss(Documents documents) {
        return blocks.stream()
                .mapToDouble(block -> block.balanceLoss(documents.places()))
                .sum();
    }

    /** How many of the targets are what the model finds likeliest, after a call of {@link #loss}. */
    public int hits(Documents documents) {
        int hits = 0;
        int[] rows = trainedRows(documents);
        for (int i = 0; i < rows.length; i++) {
            float target = logits[i * vocabulary + documents.targets()[rows[i]]];
            hits += target >= Vectors.max(logits, i * vocabulary, vocabulary) ? 1 : 0;
        }
        return hits;
    }

    private void forward(Documents documents) {
        int places = documents.places();
        float[] weights = parameters.values();
        for (int t = 0; t < places; t++) {
            int from = parameters.embedding().offset() + documents.inputs()[t] * width;
            System.arraycopy(weights, from, streams[0], t * width, width);
        }
        for (int i = 0; i < blocks.size(); i++) {
            blocks.get(i).forward(weights, documents, streams[i], streams[i + 1]);
        }
        int[] rows = trainedRows(documents);
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(streams[blocks.size()], rows[i] * width, outputs, i * width, width);
        }
        outputNorm.forward(weights, outputs, normed, rows.length);
        if (logits.length < rows.length * vocabulary) {
            logits = new float[rows.length * vocabulary];
        }
        products.multiply(
                Matrix.of(normed, rows.length, width),
                parameters.embedding().in(weights).transposed(),
                Matrix.of(logits, rows.length, vocabulary));
    }

    private static int[] trainedRows(Documents documents) {
        int[] rows = new int[documents.trained()];
        int at = 0;
        for (int t = 0; t < documents.places(); t++) {
            if (documents.targets()[t] >= 0) {
                rows[at++] = t;
            }
        }
        return rows;
    }
}
