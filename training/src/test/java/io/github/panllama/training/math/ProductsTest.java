package io.github.panllama.training.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProductsTest {
    static Stream<int[]> sizes() {
        return Stream.of(
                new int[] {1, 1, 1},
                new int[] {8, 32, 16},
                new int[] {9, 33, 257},
                new int[] {130, 5, 3},
                new int[] {3, 1030, 7},
                new int[] {200, 100, 600});
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void productsOfEveryLayoutAreRight(int[] size) {
        for (Kernel kernel : new Kernel[] {Kernel.BEST, new ScalarKernel()}) {
            for (boolean turnedA : new boolean[] {false, true}) {
                for (boolean turnedB : new boolean[] {false, true}) {
                    check(new Products(kernel), random(size[0], size[2], turnedA), random(size[2], size[1], turnedB));
                }
            }
        }
    }

    private static void check(Products products, Matrix a, Matrix b) {
        // A frame around it, which must stay as it is.
        Matrix frame = Matrix.of(new float[(a.rows() + 2) * (b.columns() + 2)], a.rows() + 2, b.columns() + 2);
        java.util.Arrays.fill(frame.data(), 5);
        Matrix c = frame.part(1, a.rows(), 1, b.columns());
        products.multiply(a, b, c);
        products.multiplyAdd(a, b, c);
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < b.columns(); j++) {
                double sum = 0;
                for (int k = 0; k < a.columns(); k++) {
                    sum += (double) at(a, i, k) * at(b, k, j);
                }
                assertThat((double) at(c, i, j)).isCloseTo(2 * sum, within(1e-3));
            }
        }
        for (int i = 0; i < frame.rows(); i++) {
            assertThat(at(frame, i, 0)).isEqualTo(5);
            assertThat(at(frame, i, frame.columns() - 1)).isEqualTo(5);
        }
        for (int j = 0; j < frame.columns(); j++) {
            assertThat(at(frame, 0, j)).isEqualTo(5);
            assertThat(at(frame, frame.rows() - 1, j)).isEqualTo(5);
        }
    }

    private static float at(Matrix m, int i, int j) {
        return m.data()[m.offset() + i * m.rowStride() + j * m.columnStride()];
    }

    private static Matrix random(int rows, int columns, boolean turned) {
        SplittableRandom random = new SplittableRandom(rows * 1000L + columns);
        float[] data = new float[rows * columns];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextDouble(-1, 1);
        }
        return turned ? Matrix.of(data, columns, rows).transposed() : Matrix.of(data, rows, columns);
    }
}
