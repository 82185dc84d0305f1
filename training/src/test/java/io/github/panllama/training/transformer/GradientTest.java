package io.github.panllama.training.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The gradients against differences of the loss, parameter by parameter. */
class GradientTest {
    private static final float SHARE = 0.7f;

    @Test
    void ofADenseModel() {
        gradientsAreThoseOfTheLoss(0, 0, parameter -> true);
    }

    @Test
    void ofAMixtureInWhichEveryExpertIsUsed() {
        gradientsAreThoseOfTheLoss(4, 4, parameter -> true);
    }

    /** What comes before a router is left out: where a token changes its expert, the loss leaps. */
    @Test
    void ofAMixtureInWhichTheBestExpertsAreUsed() {
        gradientsAreThoseOfTheLoss(4, 2, parameter -> parameter.name().matches("blk[.]2[.]ffn_.*(exps|shexp).*"));
    }

    /** Documents are longer than attention's block. */
    private static void gradientsAreThoseOfTheLoss(int experts, int used, Predicate<Parameter> checked) {
        Shape shape = new Shape(23, 32, 3, 4, 2, 40, experts, used, 16, 200);
        Parameters parameters = new Parameters(shape);
        SplittableRandom random = new SplittableRandom(7);
        parameters.initialize(random);
        // Matrices that start as zero would hide the gradients of what lies before them.
        for (int i = 0; i < parameters.size(); i++) {
            parameters.values()[i] += (float) (0.1 * random.nextGaussian());
        }
        Documents documents = Documents.of(
                List.of(document(random, shape, 9), document(random, shape, 150), document(random, shape, 2)));
        Network network = new Network(parameters, 200);
        float[] gradients = new float[parameters.size()];
        network.lossAndGradients(documents, SHARE, gradients);

        for (Parameter parameter : parameters.all().stream().filter(checked).toList()) {
            double length = 0;
            for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
                length += (double) gradients[i] * gradients[i];
            }
            length = Math.sqrt(length);
            List<Double> slopes = new ArrayList<>();
            for (float step : new float[] {2e-2f, 1e-2f, 5e-3f}) {
                slopes.add((moved(network, documents, parameters, parameter, gradients, step / length)
                                - moved(network, documents, parameters, parameter, gradients, -step / length))
                        / (2 * step));
            }
            double best = length;
            assertThat(slopes)
                    .as("%s: length of the gradient %g", parameter.name(), length)
                    .anySatisfy(slope -> assertThat(slope).isCloseTo(best, within(0.01 * best + 1e-5)));
            assertThat(length).as(parameter.name()).isGreaterThan(1e-4);
        }
    }

    /** The loss after a step along a parameter's gradient. */
    private static double moved(
            Network network,
            Documents documents,
            Parameters parameters,
            Parameter parameter,
            float[] gradients,
            double scale) {
        float[] weights = parameters.values();
        float[] before = weights.clone();
        for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
            weights[i] += (float) (scale * gradients[i]);
        }
        double loss = SHARE
                * (network.loss(documents) / documents.trained() + Experts.BALANCE * network.balanceLoss(documents));
        System.arraycopy(before, 0, weights, 0, before.length);
        return loss;
    }

    private static Documents.Document document(SplittableRandom random, Shape shape, int length) {
        int[] tokens = random.ints(length, 0, shape.vocabulary()).toArray();
        boolean[] trained = new boolean[length];
        for (int i = 1; i < length; i++) {
            trained[i] = random.nextInt(3) > 0 || i == length - 1;
        }
        return new Documents.Document(tokens, trained);
    }
}
