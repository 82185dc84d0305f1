package io.github.panllama.synthetic;

import io.github.panllama.QuantizationType;
import io.github.panllama.synthetic.PresetFigures.Experts;
import io.github.panllama.synthetic.PresetFigures.Sizes;
import java.util.Locale;
import java.util.Optional;

/**
 * Known models whose shapes are kept here exactly: layers, heads, experts, vocabulary, positions. Speed and memory depend
 * on those alone, so a file of random weights measures like the real one, and need not be downloaded. Its text has no
 * meaning.
 */
public enum SyntheticPreset {
    /** 1.78 billion parameters, Qwen 2 architecture. */
    DEEPSEEK_R1_DISTILL_QWEN_1_5B(PresetFigures.qwen(
            "DeepSeek R1 Distill Qwen 1.5B", 151_936, new Sizes(1536, 28, 12, 2, 8960), 10_000, 1e-6f)),
    /** 7.62 billion parameters, Qwen 2 architecture. */
    DEEPSEEK_R1_DISTILL_QWEN_7B(PresetFigures.qwen(
            "DeepSeek R1 Distill Qwen 7B", 152_064, new Sizes(3584, 28, 28, 4, 18_944), 10_000, 1e-6f)),
    /** 8.03 billion parameters, Llama architecture. */
    DEEPSEEK_R1_DISTILL_LLAMA_8B(
            PresetFigures.llama("DeepSeek R1 Distill Llama 8B", new Sizes(4096, 32, 32, 8, 14_336))),
    /** 14.77 billion parameters, Qwen 2 architecture. */
    DEEPSEEK_R1_DISTILL_QWEN_14B(PresetFigures.qwen(
            "DeepSeek R1 Distill Qwen 14B", 152_064, new Sizes(5120, 48, 40, 8, 13_824), 1_000_000, 1e-5f)),
    /** 32.76 billion parameters, Qwen 2 architecture. */
    DEEPSEEK_R1_DISTILL_QWEN_32B(PresetFigures.qwen(
            "DeepSeek R1 Distill Qwen 32B", 152_064, new Sizes(5120, 64, 40, 8, 27_648), 1_000_000, 1e-5f)),
    /** 15.71 billion parameters: latent attention, 64 experts, of which a token uses 6. */
    DEEPSEEK_V2_LITE(PresetFigures.lite(
            "DeepSeek V2 Lite", new Sizes(2048, 27, 16, 16, 10_944), new Experts(64, 6, 2, 1408, 1))),
    /**
     * The first 8 of 61 layers of DeepSeek V3 and R1, 3 dense ones and 5 with all 256 experts, of which a token uses 8:
     * 61.14 billion parameters.
     */
    DEEPSEEK_V3_8LAYERS(PresetFigures.full(
            "DeepSeek V3, 8 layers", new Sizes(7168, 8, 128, 128, 18_432), new Experts(256, 8, 1, 2048, 3)));

    @SuppressWarnings("ImmutableEnumChecker") // records of numbers, and functions without a state
    private final PresetFigures figures;

    SyntheticPreset(PresetFigures figures) {
        this.figures = figures;
    }

    /**
     * Finds a preset.
     *
     * @param name such as {@code deepseek-v2-lite}, in any case
     * @return the preset, or empty if none has that name
     */
    public static Optional<SyntheticPreset> byName(String name) {
        for (SyntheticPreset preset : values()) {
            if (preset.presetName().equals(name.toLowerCase(Locale.ROOT))) {
                return Optional.of(preset);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether files can be written in a type: floats, the types of 32 numbers a block, and the K-quants.
     *
     * @param type the type
     * @return false for code books, ternary types and those that need an importance matrix
     */
    public static boolean supports(QuantizationType type) {
        return MixedTypes.supports(type);
    }

    /**
     * The name that people type.
     *
     * @return such as {@code deepseek-r1-distill-qwen-1.5b}
     */
    public String presetName() {
        return name().toLowerCase(Locale.ROOT).replace("1_5b", "1.5b").replace('_', '-');
    }

    /**
     * The name that people know the model by, with which that of a file begins.
     *
     * @return such as {@code DeepSeek R1 Distill Qwen 1.5B}
     */
    public String title() {
        return figures.title();
    }

    /**
     * The architecture of the model.
     *
     * @return what its file is written as
     */
    public Architecture architecture() {
        return figures.shape().architecture();
    }

    /**
     * How many layers the model has.
     *
     * @return the most that {@link PresetModel#withLayers} takes
     */
    public int layers() {
        return figures.shape().layers();
    }

    /**
     * The model in a type, with all its layers and the seed 1.
     *
     * @param type what its weights are stored as; which tensor gets which type is as in a file that llama.cpp quantised
     * @return the model, ready to be written
     * @throws IllegalArgumentException if there is no way to write the type ({@link #supports})
     */
    public PresetModel model(QuantizationType type) {
        return PresetModel.of(this, type);
    }

    PresetFigures figures() {
        return figures;
    }
}
