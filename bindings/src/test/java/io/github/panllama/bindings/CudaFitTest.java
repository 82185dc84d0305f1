package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.bindings.CudaDriver.Card;
import io.github.panllama.bindings.FatBinaries.Code;
import io.github.panllama.bindings.FatBinaries.Reach;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CudaFitTest {
    private static final int CUDA_13_0 = 13_000;
    private static final int CUDA_13_1 = 13_010;

    /** What each fat binary of the packaged plugin holds. */
    private static final Set<Set<Code>> PACKAGED = Set.of(Set.of(
            new Code(91, 75, Reach.LATER),
            new Code(91, 80, Reach.LATER),
            new Code(91, 90, Reach.LATER),
            new Code(0, 86, Reach.LATER),
            new Code(0, 89, Reach.LATER),
            new Code(0, 120, Reach.NONE),
            new Code(0, 121, Reach.NONE)));

    private static String fault(Set<Set<Code>> codes, int chip, int driver) {
        return CudaFit.fault(codes, new Card("NVIDIA H100", chip), driver);
    }

    @ParameterizedTest
    @ValueSource(ints = {86, 87, 89, 120, 121})
    void machineCodeRunsWithTheOldestDriver(int chip) {
        assertThat(fault(PACKAGED, chip, CUDA_13_0)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {75, 80, 90, 100, 103, 110})
    void ptxNeedsADriverOfItsOwnCuda(int chip) {
        assertThat(fault(PACKAGED, chip, CUDA_13_1)).isNull();
        assertThat(fault(PACKAGED, chip, 13_020)).isNull();
        assertThat(fault(PACKAGED, chip, CUDA_13_0))
                .contains("no machine code for NVIDIA H100 (compute capability %d.%d)".formatted(chip / 10, chip % 10))
                .contains("the driver, of CUDA 13.0, cannot compile its PTX 9.1: that takes CUDA 13.1")
                .contains("Install a driver of CUDA 13.1 (590 or newer)")
                .contains("with nvcc of CUDA 13.0 or older of 13")
                .contains("-Dcuda.architectures=%d-real".formatted(chip));
    }

    @Test
    void chipWithNoCodeAtAllIsTold() {
        assertThat(fault(PACKAGED, 70, CUDA_13_1))
                .contains(
                        "no code for NVIDIA H100 (compute capability 7.0), but for 7.5, 8.0, 8.6, 8.9, 9.0, 12.0, 12.1",
                        "CUDA 13 has given that chip up")
                .doesNotContain("can be built");
        assertThat(fault(Set.of(Set.of(new Code(0, 90, Reach.LATER))), 80, CUDA_13_1))
                .contains("but for 9.0");
    }

    @Test
    void codeOfOneChipOrFamilyRunsOnNoOther() {
        assertThat(fault(Set.of(Set.of(new Code(0, 90, Reach.NONE))), 90, CUDA_13_0))
                .isNull();
        assertThat(fault(Set.of(Set.of(new Code(0, 120, Reach.NONE))), 121, CUDA_13_0))
                .isNotNull();
        assertThat(fault(Set.of(Set.of(new Code(90, 90, Reach.NONE))), 100, CUDA_13_0))
                .isNotNull();
        assertThat(fault(Set.of(Set.of(new Code(90, 100, Reach.FAMILY))), 103, CUDA_13_0))
                .isNull();
        assertThat(fault(Set.of(Set.of(new Code(90, 100, Reach.FAMILY))), 120, CUDA_13_0))
                .isNotNull();
    }

    @Test
    void olderPtxAndAnUnknownPluginAreLeftToTheTrial() {
        assertThat(fault(Set.of(Set.of(new Code(88, 75, Reach.LATER))), 90, CUDA_13_0))
                .isNull();
        assertThat(fault(Set.of(), 90, CUDA_13_0)).isNull();
    }

    @Test
    void oneFatBinaryThatDoesNotServeIsEnough() {
        assertThat(fault(
                        Set.of(Set.of(new Code(0, 90, Reach.LATER)), Set.of(new Code(0, 86, Reach.LATER))),
                        90,
                        CUDA_13_0))
                .contains("but for 8.6");
    }
}
