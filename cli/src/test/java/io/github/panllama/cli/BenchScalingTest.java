package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.cli.BenchScaling.Sample;
import io.github.panllama.cli.BenchScaling.Unit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class BenchScalingTest {
    private static final BenchScaling SCALING = BenchScaling.of(
            Unit.DEVICES,
            List.of(
                    new Sample(1, 8, 1000, OptionalDouble.of(4)),
                    new Sample(2, 8, 1900, OptionalDouble.of(4.25)),
                    new Sample(4, 8, 3000, OptionalDouble.of(5)),
                    new Sample(1, 1, 200, OptionalDouble.of(1)),
                    new Sample(2, 1, 500, OptionalDouble.empty())));

    @Test
    void speedUpIsOverOneUnitWithAsManyRequestsOfEach() {
        assertThat(SCALING.points()).extracting(BenchScaling.Point::speedUp).containsExactly(1.0, 1.9, 3.0, 1.0, 2.5);
    }

    @Test
    void efficiencyIsTheSpeedUpOfEachUnit() {
        assertThat(SCALING.points())
                .extracting(BenchScaling.Point::efficiency)
                .containsExactly(1.0, 0.95, 0.75, 1.0, 1.25);
    }

    @Test
    void aLoadThatIsMeasuredTwiceIsComparedWithItsOwnRun() {
        BenchScaling twice = BenchScaling.of(
                Unit.REPLICAS,
                List.of(
                        new Sample(1, 8, 1000, OptionalDouble.of(4)),
                        new Sample(2, 8, 1500, OptionalDouble.of(4)),
                        new Sample(1, 8, 500, OptionalDouble.of(4)),
                        new Sample(2, 8, 1000, OptionalDouble.of(4))));
        assertThat(twice.points()).extracting(BenchScaling.Point::speedUp).containsExactly(1.0, 1.5, 1.0, 2.0);
    }

    @Test
    void withoutARunOfOneUnitThereIsNothingToCompareWith() {
        List<Sample> samples =
                List.of(new Sample(1, 4, 10, OptionalDouble.empty()), new Sample(2, 8, 10, OptionalDouble.empty()));
        assertThatThrownBy(() -> BenchScaling.of(Unit.DEVICES, samples))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one device with 8 in flight");
    }

    @Test
    void theTableNamesUnitsLoadAndFigures() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Terminal terminal =
                Terminal.of(new ByteArrayInputStream(new byte[0]), bytes, OutputStream.nullOutputStream(), false);
        BenchScalingText.print(terminal.out(), SCALING);
        terminal.out().flush();
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.getFirst())
                .contains("Weak scaling", "grow with the devices", "efficiency is speed-up / devices");
        assertThat(lines.get(2))
                .isEqualTo(
                        "| devices | B of each | B of all | output t/s of all | speed-up | efficiency % | ITL p95 ms |");
        assertThat(lines.get(5).replaceAll(" +", " ")).isEqualTo("| 2 | 8 | 16 | 1900.00 | 1.90 | 95.0 | 4.250 |");
        assertThat(lines.getLast().replaceAll(" +", " ")).isEqualTo("| 2 | 1 | 2 | 500.00 | 2.50 | 125.0 | - |");
    }
}
