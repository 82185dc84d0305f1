package io.github.panllama.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GgmlTypeTest {
    /** Derived from the block layouts: scales, minima, codes and signs added up by hand. */
    @ParameterizedTest
    @CsvSource({
        "F32, 1, 4",
        "F16, 1, 2",
        "BF16, 1, 2",
        "F64, 1, 8",
        "I8, 1, 1",
        "I16, 1, 2",
        "I32, 1, 4",
        "I64, 1, 8",
        "Q4_0, 32, 18",
        "Q4_1, 32, 20",
        "Q5_0, 32, 22",
        "Q5_1, 32, 24",
        "Q8_0, 32, 34",
        "Q8_1, 32, 36",
        "Q2_K, 256, 84",
        "Q3_K, 256, 110",
        "Q4_K, 256, 144",
        "Q5_K, 256, 176",
        "Q6_K, 256, 210",
        "Q8_K, 256, 292",
        "IQ2_XXS, 256, 66",
        "IQ2_XS, 256, 74",
        "IQ2_S, 256, 82",
        "IQ3_XXS, 256, 98",
        "IQ3_S, 256, 110",
        "IQ1_S, 256, 50",
        "IQ1_M, 256, 56",
        "IQ4_NL, 32, 18",
        "IQ4_XS, 256, 136",
        "TQ1_0, 256, 54",
        "TQ2_0, 256, 66",
        "MXFP4, 32, 17",
        "NVFP4, 64, 36",
        "Q1_0, 128, 18",
        "Q2_0, 64, 18",
    })
    void blockAndTypeSizes(GgmlType type, int blockSize, int typeSize) {
        assertThat(type.blockSize()).isEqualTo(blockSize);
        assertThat(type.typeSize()).isEqualTo(typeSize);
        assertThat(type.bitsPerWeight()).isEqualTo(8.0 * typeSize / blockSize);
        assertThat(type.byteSize(3L * blockSize)).isEqualTo(3L * typeSize);
        assertThat(type.isQuantized()).isEqualTo(blockSize > 1);
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsId(GgmlType type) {
        assertThat(GgmlType.byId(type.id())).isSameAs(type);
        assertThat(type.ggmlName()).isEqualToIgnoringCase(type.name());
    }

    @Test
    void idsThatGgmlTookBackAreUnknown() {
        assertThat(Arrays.stream(GgmlType.values()).map(GgmlType::id).collect(Collectors.toSet()))
                .hasSize(GgmlType.values().length)
                .doesNotContain(4, 5, 31, 32, 33, 36, 37, 38);
        for (int id : new int[] {-1, 4, 5, 31, 32, 33, 36, 37, 38, 43, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThat(GgmlType.byId(id)).isNull();
        }
    }

    @Test
    void sizesAreExactOrRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> GgmlType.Q4_K.byteSize(255));
        assertThatIllegalArgumentException().isThrownBy(() -> GgmlType.F32.byteSize(-1));
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> GgmlType.F64.byteSize(1L << 60));
    }
}
