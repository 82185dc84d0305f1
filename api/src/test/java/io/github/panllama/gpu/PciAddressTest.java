package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PciAddressTest {
    @ParameterizedTest
    @CsvSource({
        "0000:3b:00.0, 00000000:3B:00.0, true",
        "3b:00.0, 00000000:3B:00.0, true",
        "0000:3b:00.0, 00000000:3B:00.1, true",
        "0001:3b:00.0, 00000000:3B:00.0, false",
        "10000:c1:00.0, 00010000:C1:00.0, true",
        "0000:3b:00.0, 00000000:3C:00.0, false",
        "0000:3b:01.0, 00000000:3B:00.0, false",
        "'', '', false",
        "CUDA0, CUDA0, false"
    })
    void addressesAreTheSameHoweverTheyAreWritten(String one, String other, boolean same) {
        assertThat(PciAddress.same(one, other)).isEqualTo(same);
        assertThat(PciAddress.same(other, one)).isEqualTo(same);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3b", "123456789:3b:00.0", "0000:3b:00.9", "0000:xy:00.0", "0000:3b:00.0 x"})
    void whatIsNoAddressIsNone(String text) {
        assertThat(PciAddress.parse(text)).isEmpty();
    }
}
