package io.github.panllama.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NormalizationTest {
    private static final float[] VECTOR = {3, -4, 0, 12};

    @Test
    void scalesAsItsNameSays() {
        assertThat(Normalization.NONE.apply(VECTOR)).containsExactly(VECTOR);
        assertThat(Normalization.MAX_ABSOLUTE.apply(VECTOR))
                .containsExactly(new float[] {8190, -10920, 0, 32760}, within(0.01f));
        assertThat(Normalization.TAXICAB.apply(VECTOR))
                .containsExactly(new float[] {3 / 19f, -4 / 19f, 0, 12 / 19f}, within(1e-6f));
        assertThat(Normalization.EUCLIDEAN.apply(VECTOR))
                .containsExactly(new float[] {3 / 13f, -4 / 13f, 0, 12 / 13f}, within(1e-6f));
        float cubic = (float) Math.cbrt(27 + 64 + 1728);
        assertThat(new Normalization(3).apply(VECTOR))
                .containsExactly(new float[] {3 / cubic, -4 / cubic, 0, 12 / cubic}, within(1e-6f));
    }

    @Test
    void theVectorItselfStaysAsItIs() {
        float[] vector = VECTOR.clone();
        for (int code = -1; code < 5; code++) {
            float[] scaled = new Normalization(code).apply(vector);
            assertThat(scaled).isNotSameAs(vector);
        }
        assertThat(vector).containsExactly(VECTOR);
    }

    @Test
    void zerosStayZeros() {
        for (int code = -1; code <= Normalization.MAX_P; code++) {
            assertThat(new Normalization(code).apply(new float[3])).containsOnly(0);
        }
    }

    @Test
    void largeNumbersDoNotOverflowAPNorm() {
        float[] scaled = new Normalization(Normalization.MAX_P).apply(new float[] {1e30f, -1e30f, 0});
        assertThat(scaled[0]).isCloseTo((float) Math.pow(2, -1.0 / 64), within(1e-6f));
    }

    @Test
    void otherCodesAreRefused() {
        for (int code : new int[] {-2, Normalization.MAX_P + 1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Normalization(code))
                    .withMessageContaining("code is " + code);
        }
    }
}
