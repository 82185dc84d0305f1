package io.github.panllama.training.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain Java and the Vector API give the same bits, so that a training gives the same model everywhere. */
class KernelTest {
    private static final int OFFSET = 3;

    private final Kernel scalar = new ScalarKernel();
    private final Kernel best = Kernel.BEST;

    @Test
    void theVectorApiIsWhatIsTested() {
        assertThat(best).isInstanceOf(VectorKernel.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 100, 256, 1000})
    void allKernelsGiveTheSameBits(int count) {
        float[] x = random(count, 1);
        float[] y = random(count, 2);
        assertThat(best.dot(x, OFFSET, y, OFFSET, count)).isEqualTo(scalar.dot(x, OFFSET, y, OFFSET, count));
        assertThat(best.sum(x, OFFSET, count)).isEqualTo(scalar.sum(x, OFFSET, count));
        assertThat(best.max(x, OFFSET, count)).isEqualTo(scalar.max(x, OFFSET, count));
        float[] one = y.clone();
        float[] other = y.clone();
        best.addScaled(0.3f, x, OFFSET, one, OFFSET, count);
        scalar.addScaled(0.3f, x, OFFSET, other, OFFSET, count);
        assertThat(one).isEqualTo(other);
        best.exp(one, OFFSET, count, 0.1f);
        scalar.exp(other, OFFSET, count, 0.1f);
        assertThat(one).isEqualTo(other);
    }

    @Test
    void productsHaveTheSameBits() {
        Matrix a = Matrix.of(random(37 * 300, 3), OFFSET, 37, 300);
        Matrix b = Matrix.of(random(300 * 53, 4), OFFSET, 300, 53);
        float[] one = new float[37 * 53];
        float[] other = new float[37 * 53];
        new Products(best).multiply(a, b, Matrix.of(one, 37, 53));
        new Products(scalar).multiply(a, b, Matrix.of(other, 37, 53));
        assertThat(one).isEqualTo(other);
    }

    @Test
    void theExponentialIsNear() {
        for (double x = -87; x < 88; x += 0.0137) {
            double exact = Math.exp((float) x);
            assertThat((double) Exponential.of((float) x)).isCloseTo(exact, within(2.5e-7 * exact));
        }
        assertThat(Exponential.of(0)).isEqualTo(1);
        assertThat(Exponential.of(-1000)).isEqualTo(Exponential.of(-87)).isPositive();
        assertThat(Exponential.of(1000)).isEqualTo(Exponential.of(88)).isFinite();
        assertThat(Exponential.of(Float.NaN)).isNaN();
    }

    private static float[] random(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[OFFSET + count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-4, 4);
        }
        return values;
    }
}
