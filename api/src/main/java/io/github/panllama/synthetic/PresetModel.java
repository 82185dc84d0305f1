package io.github.panllama.synthetic;

import io.github.panllama.ProgressListener;
import io.github.panllama.QuantizationType;
import io.github.panllama.gguf.DiskSpaceException;
import io.github.panllama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A known model with random weights, ready to be written: {@link SyntheticPreset#model}.
 *
 * <p>Weights are made while they are written, a MiB at a time, so that memory does not grow with the model and the disk
 * sets the pace. They are sized so that activations stay finite. The same settings and seed give the same bytes.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class PresetModel {
    private final SyntheticPreset preset;
    private final QuantizationType type;
    private final Shape shape;
    private final long seed;
    private final @Nullable ProgressListener listener;

    private PresetModel(
            SyntheticPreset preset,
            QuantizationType type,
            Shape shape,
            long seed,
            @Nullable ProgressListener listener) {
        this.preset = preset;
        this.type = type;
        this.shape = shape;
        this.seed = seed;
        this.listener = listener;
    }

    static PresetModel of(SyntheticPreset preset, QuantizationType type) {
        if (!SyntheticPreset.supports(type)) {
            throw new IllegalArgumentException(
                    "type is %s, of which there are no random weights; Q4_K_M is the usual choice".formatted(type));
        }
        return new PresetModel(preset, type, preset.figures().shape(), 1, null);
    }

    /**
     * The same model cut off after some layers: smaller, as fast in each of them. One of those with experts stays.
     *
     * @param layers 1 to {@link SyntheticPreset#layers}
     * @return another model
     * @throws IllegalArgumentException if the number is too small or too large
     */
    public PresetModel withLayers(int layers) {
        if (layers < 1 || layers > preset.layers()) {
            throw new IllegalArgumentException(
                    "layers is %d, must be 1 to %d for %s".formatted(layers, preset.layers(), preset.presetName()));
        }
        return new PresetModel(preset, type, preset.figures().shape().withLayers(layers), seed, listener);
    }

    /**
     * The same model with other weights.
     *
     * @param value any number
     * @return another model
     */
    public PresetModel withSeed(long value) {
        return new PresetModel(preset, type, shape, value, listener);
    }

    /**
     * The same model, which tells how far its writing is.
     *
     * @param value told after each MiB; {@code false} ends the work and leaves nothing behind
     * @return another model
     */
    public PresetModel withProgress(ProgressListener value) {
        return new PresetModel(preset, type, shape, seed, Objects.requireNonNull(value, "value"));
    }

    /**
     * What it is modelled on.
     *
     * @return the preset
     */
    public SyntheticPreset preset() {
        return preset;
    }

    /**
     * How its weights are stored.
     *
     * @return the type
     */
    public QuantizationType type() {
        return type;
    }

    /**
     * How many layers it has.
     *
     * @return those of the preset, unless it was cut
     */
    public int layers() {
        return shape.layers();
    }

    /**
     * What the weights depend on.
     *
     * @return 1, unless it was set
     */
    public long seed() {
        return seed;
    }

    /**
     * How many numbers its tensors hold.
     *
     * @return the number of parameters
     */
    public long parameters() {
        return tensors(new GgufWriter(), new WriteProgress(null));
    }

    /**
     * How large the file will be, exactly.
     *
     * @return bytes
     */
    public long size() {
        return writer(new WriteProgress(null)).size();
    }

    /**
     * Writes the file. It appears under its name only when it is complete.
     *
     * @param path the file; what is there is replaced
     * @throws DiskSpaceException if there is no room for it; nothing has been written then
     * @throws IOException if writing fails; nothing is left behind then
     * @throws CancellationException if the progress listener ended the work; nothing is left behind then
     */
    public void write(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        WriteProgress progress = new WriteProgress(listener);
        GgufWriter writer = writer(progress);
        progress.begin(writer.size());
        writer.write(path);
    }

    /** All of the file, not written yet. */
    GgufWriter writer(WriteProgress progress) {
        PresetFigures figures = preset.figures();
        String architecture = shape.architecture().ggufName();
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", architecture)
                .put("general.type", "model")
                .put("general.name", figures.title() + ", random weights")
                .put("general.description", "Random weights in the shape of this model, seed " + seed)
                .put("general.file_type", type.fileType());
        if (type.tensorType().isQuantized()) {
            writer.put("general.quantization_version", 2);
        }
        figures.describe(new Blueprint.Keys(writer, architecture), shape);
        figures.vocabulary().describe(writer, shape.vocabularySize());
        tensors(writer, progress);
        return writer;
    }

    /** Adds the tensors, and answers how many numbers they have. */
    private long tensors(GgufWriter writer, WriteProgress progress) {
        BlockWeights weights = new BlockWeights(writer, new MixedTypes(type, shape), seed, progress);
        preset.figures().addTo(weights, shape);
        return weights.elements();
    }
}
