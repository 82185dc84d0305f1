package io.github.panllama.synthetic;

import io.github.panllama.QuantizationType;
import io.github.panllama.gguf.GgmlType;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which type each matrix of a model gets under a recipe, as llama.cpp chooses them without an importance matrix
 * ({@code llama_tensor_get_type}). A test compares the two.
 */
final class MixedTypes {
    private static final Pattern IN_LAYER = Pattern.compile("blk\\.(\\d+)\\.(attn_v\\.|attn_output\\.|ffn_down).*");

    /** So many heads share a key and a value that those may have more bits. */
    private static final int SHARED_HEADS = 4;

    private final QuantizationType recipe;
    private final int layers;
    private final boolean sharedValues;

    MixedTypes(QuantizationType recipe, Shape shape) {
        this.recipe = recipe;
        this.layers = shape.layers();
        this.sharedValues = shape.heads() / shape.kvHeads() >= SHARED_HEADS;
    }

    /** Whether the rules of a recipe are known here, and there are random bytes of all its types. */
    static boolean supports(QuantizationType recipe) {
        return switch (recipe) {
            case F32,
                    F16,
                    BF16,
                    Q8_0,
                    Q6_K,
                    Q5_K_M,
                    Q5_K_S,
                    Q5_1,
                    Q5_0,
                    Q4_K_M,
                    Q4_K_S,
                    IQ4_NL,
                    IQ4_XS,
                    Q4_1,
                    Q4_0,
                    MXFP4_MOE,
                    Q3_K_L,
                    Q3_K_M,
                    Q3_K_S,
                    Q2_K -> true;
            default -> false;
        };
    }

    /** The type of a matrix, or of a stack of them. */
    GgmlType of(String name, long... shape) {
        GgmlType usual = recipe.tensorType();
        return usual.isQuantized() ? fitting(chosen(name, usual, shape), shape[0]) : usual;
    }

    private GgmlType chosen(String name, GgmlType usual, long... shape) {
        if (recipe == QuantizationType.MXFP4_MOE) {
            return shape.length > 2 && shape[2] > 1 ? usual : GgmlType.Q8_0;
        }
        if (name.equals("output.weight")) {
            return usual == GgmlType.Q8_0 || shape[0] % usual.blockSize() != 0 ? GgmlType.Q8_0 : GgmlType.Q6_K;
        }
        Matcher matcher = IN_LAYER.matcher(name);
        if (!matcher.matches()) {
            return usual;
        }
        int layer = Integer.parseInt(matcher.group(1));
        return switch (matcher.group(2)) {
            case "attn_v." -> values(layer, usual);
            case "attn_output." -> attentionOutput(usual);
            default -> feedForwardOutput(layer, usual);
        };
    }

    private GgmlType values(int layer, GgmlType usual) {
        return switch (recipe) {
            case Q2_K -> sharedValues ? GgmlType.Q4_K : GgmlType.Q3_K;
            case Q3_K_M -> layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            case IQ4_NL, IQ4_XS -> sharedValues ? GgmlType.Q5_K : usual;
            case Q4_K_M, Q5_K_M -> hasMoreBits(layer) ? GgmlType.Q6_K : usual;
            case Q4_K_S -> layer < 4 ? GgmlType.Q5_K : usual;
            default -> usual;
        };
    }

    private GgmlType attentionOutput(GgmlType usual) {
        return switch (recipe) {
            case Q2_K -> GgmlType.Q3_K;
            case Q3_K_M -> GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            default -> usual;
        };
    }

    private GgmlType feedForwardOutput(int layer, GgmlType usual) {
        return switch (recipe) {
            case Q2_K -> GgmlType.Q3_K;
            case Q3_K_M -> layer < layers / 16 ? GgmlType.Q5_K : GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            case Q4_K_M, Q5_K_M -> hasMoreBits(layer) ? GgmlType.Q6_K : usual;
            case Q4_K_S, IQ4_NL, IQ4_XS -> layer < layers / 8 ? GgmlType.Q5_K : usual;
            default -> usual;
        };
    }

    /** The first and the last eighth of the layers, and every third between. */
    private boolean hasMoreBits(int layer) {
        int eighth = layers / 8;
        return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    }

    /** What a type becomes whose blocks do not fit the rows. */
    private static GgmlType fitting(GgmlType type, long rowLength) {
        if (rowLength % type.blockSize() == 0) {
            return type;
        }
        GgmlType smaller = switch (type) {
            case IQ4_XS -> GgmlType.IQ4_NL;
            case Q2_K, Q3_K -> GgmlType.Q4_0;
            case Q4_K -> GgmlType.Q5_0;
            case Q5_K -> GgmlType.Q5_1;
            case Q6_K -> GgmlType.Q8_0;
            default -> type;
        };
        return rowLength % smaller.blockSize() == 0 ? smaller : GgmlType.F16;
    }
}
