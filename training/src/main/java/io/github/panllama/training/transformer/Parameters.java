package io.github.panllama.training.transformer;

import io.github.panllama.training.transformer.Parameter.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Every weight of a model, in one array. */
public final class Parameters {
    /** One layer's parameters. Those of the kind of feed-forward that it has not are absent from the model. */
    record Layer(
            Parameter attentionNorm,
            Parameter query,
            Parameter key,
            Parameter value,
            Parameter attentionOutput,
            Parameter feedForwardNorm,
            Gated feedForward,
            Mixture mixture) {}

    /** The three matrices of a gated feed-forward layer. */
    record Gated(Parameter gate, Parameter up, Parameter down) {}

    /** A router and its experts. */
    record Mixture(Parameter router, Gated experts) {
        static final Mixture NONE = new Mixture(
                new Parameter("none", 0, 0, 0, 0, Kind.ROUTER),
                new Gated(
                        new Parameter("none", 0, 0, 0, 0, Kind.MATRIX),
                        new Parameter("none", 0, 0, 0, 0, Kind.MATRIX),
                        new Parameter("none", 0, 0, 0, 0, Kind.MATRIX)));
    }

    private final Shape shape;
    private final List<Parameter> all = new ArrayList<>();
    private final Parameter embedding;
    private final List<Layer> layers = new ArrayList<>();
    private final Parameter outputNorm;
    private final float[] values;
    private int size;

    public Parameters(Shape shape) {
        this.shape = shape;
        int width = shape.width();
        embedding = add("token_embd", 1, shape.vocabulary(), width, Kind.EMBEDDING);
        for (int i = 0; i < shape.layers(); i++) {
            String name = "blk." + i + ".";
            layers.add(new Layer(
                    add(name + "attn_norm", 1, 1, width, Kind.NORM),
                    add(name + "attn_q", 1, width, width, Kind.MATRIX),
                    add(name + "attn_k", 1, shape.keyValueWidth(), width, Kind.MATRIX),
                    add(name + "attn_v", 1, shape.keyValueWidth(), width, Kind.MATRIX),
                    add(name + "attn_output", 1, width, width, Kind.RESIDUAL),
                    add(name + "ffn_norm", 1, 1, width, Kind.NORM),
                    shape.mixes(i)
                            ? gated(name, "_shexp", 1, shape.expertWidth())
                            : gated(name, "", 1, shape.feedForward()),
                    shape.mixes(i)
                            ? new Mixture(
                                    add(name + "ffn_gate_inp", 1, shape.experts(), width, Kind.ROUTER),
                                    gated(name, "_exps", shape.experts(), shape.expertWidth()))
                            : Mixture.NONE));
        }
        outputNorm = add("output_norm", 1, 1, width, Kind.NORM);
        values = new float[size];
    }

    private Gated gated(String name, String suffix, int slices, int inner) {
        return new Gated(
                add(name + "ffn_gate" + suffix, slices, inner, shape.width(), Kind.MATRIX),
                add(name + "ffn_up" + suffix, slices, inner, shape.width(), Kind.MATRIX),
                add(name + "ffn_down" + suffix, slices, shape.width(), inner, Kind.RESIDUAL));
    }

    private Parameter add(String name, int slices, int rows, int columns, Kind kind) {
        Parameter parameter = new Parameter(name + ".weight", size, slices, rows, columns, kind);
        all.add(parameter);
        size += parameter.size();
        return parameter;
    }

    /** Weights to start from. */
    public void initialize(RandomGenerator random) {
        for (Parameter parameter : all) {
            double deviation = switch (parameter.kind()) {
                case NORM, RESIDUAL -> 0;
                case EMBEDDING -> 0.03;
                case MATRIX, ROUTER -> 1 / Math.sqrt(parameter.columns());
            };
            float mean = parameter.kind() == Kind.NORM ? 1 : 0;
            for (int i = 0; i < parameter.size(); i++) {
                values[parameter.offset() + i] = (float) (mean + deviation * random.nextGaussian());
            }
        }
    }

    public Shape shape() {
        return shape;
    }

    public List<Parameter> all() {
        return List.copyOf(all);
    }

    public float[] values() {
        return values;
    }

    /** How many weights there are. */
    public int size() {
        return size;
    }

    Parameter embedding() {
        return embedding;
    }

    Layer layer(int index) {
        return layers.get(index);
    }

    Parameter outputNorm() {
        return outputNorm;
    }
}
