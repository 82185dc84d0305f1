package io.github.panllama;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Directions in a model's hidden state, one for each layer, that push what it says: set on a context by
 * {@link LlamaContext#setControlVector}.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class ControlVector {
    private static final String TENSOR = "direction.";
    private static final int MAX_WIDTH = 1 << 20;

    private final float[] data;
    private final int hiddenSize;
    private final int firstLayer;
    private final int lastLayer;

    private ControlVector(float[] data, int hiddenSize, int firstLayer, int lastLayer) {
        this.data = data;
        this.hiddenSize = hiddenSize;
        this.firstLayer = firstLayer;
        this.lastLayer = lastLayer;
    }

    /**
     * A control vector from floats.
     *
     * @param directions {@code directions[i]} is the direction for layer {@code i + 1}; all as long as the model's
     *     {@link LlamaModel#hiddenSize()}. Layer 0 has none.
     * @param firstLayer the first layer to push, at least 1
     * @param lastLayer the last layer to push, at most {@code directions.length}
     */
    public static ControlVector of(float[][] directions, int firstLayer, int lastLayer) {
        Check.positive("the number of directions", directions.length);
        Check.range("firstLayer", firstLayer, 1, directions.length);
        Check.range("lastLayer", lastLayer, firstLayer, directions.length);
        int width = Check.positive("the length of a direction", directions[0].length);
        float[] data = new float[Math.multiplyExact(directions.length, width)];
        for (int i = 0; i < directions.length; i++) {
            Check.range("the length of direction " + i, directions[i].length, width, width);
            System.arraycopy(directions[i], 0, data, i * width, width);
        }
        return new ControlVector(data, width, firstLayer, lastLayer);
    }

    /**
     * Reads a control vector from a GGUF file with tensors {@code direction.1}, {@code direction.2}, …
     *
     * @throws ModelLoadException if it cannot be read or holds no directions
     */
    public static ControlVector load(Path file) {
        GgufFile gguf = ModelFiles.read(file);
        List<GgufTensor> tensors = gguf.tensors().stream()
                .filter(tensor -> tensor.name().startsWith(TENSOR))
                .toList();
        int layers = tensors.stream().mapToInt(ControlVector::layer).max().orElse(0);
        if (layers < 1 || layers > 10_000) {
            throw new ModelLoadException("Cannot load %s: it holds no directions".formatted(file), List.of());
        }
        int width = width(file, tensors);
        float[][] directions = new float[layers][width];
        try {
            for (GgufTensor tensor : tensors) {
                if (layer(tensor) >= 1) {
                    directions[layer(tensor) - 1] = gguf.floats(tensor);
                }
            }
        } catch (IOException e) {
            throw new ModelLoadException("Cannot load %s: %s".formatted(file, e), e);
        }
        return of(directions, 1, layers);
    }

    private static int width(Path file, List<GgufTensor> tensors) {
        long width = tensors.getFirst().elements();
        for (GgufTensor tensor : tensors) {
            if (tensor.elements() != width || width < 1 || width > MAX_WIDTH) {
                throw new ModelLoadException(
                        "Cannot load %s: tensor %s has %d numbers, must have as many as the others, from 1 to %d"
                                .formatted(file, tensor.name(), tensor.elements(), MAX_WIDTH),
                        List.of());
            }
        }
        return (int) width;
    }

    private static int layer(GgufTensor tensor) {
        try {
            return Integer.parseInt(tensor.name().substring(TENSOR.length()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The same directions, each multiplied by {@code factor}; a negative one pushes the other way. */
    public ControlVector scaled(float factor) {
        Check.finite("factor", factor);
        float[] scaled = data.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return new ControlVector(scaled, hiddenSize, firstLayer, lastLayer);
    }

    /** The first layer that it pushes. */
    public int firstLayer() {
        return firstLayer;
    }

    /** The last layer that it pushes. */
    public int lastLayer() {
        return lastLayer;
    }

    /** Refuses a vector that was made for another model. */
    void check(int modelHiddenSize, int layers) {
        if (lastLayer >= layers) {
            throw new IllegalArgumentException("The control vector pushes layer %d, the model's last layer is %d"
                    .formatted(lastLayer, layers - 1));
        }
        if (hiddenSize != modelHiddenSize) {
            throw new IllegalArgumentException("The control vector is for a hidden size of %d, the model's is %d"
                    .formatted(hiddenSize, modelHiddenSize));
        }
    }

    float[] data() {
        return data;
    }
}
