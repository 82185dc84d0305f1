package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GpuUsageTest {
    private static final GpuCard CARD = new GpuCard(0, "card", "GPU-1", "", Optional.empty());

    /** A sample at a second, from a moment at which the clock turns over. */
    private static GpuSample at(double second, OptionalDouble watts, OptionalDouble joules) {
        long nanos = Math.round(second * 1e9);
        return new GpuSample(
                CARD,
                Instant.EPOCH.plusNanos(nanos),
                Long.MAX_VALUE - 1_000_000_000 + nanos,
                Optional.empty(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                watts,
                joules,
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Set.of(),
                Optional.empty());
    }

    private static GpuSample power(double second, double watts) {
        return at(second, OptionalDouble.of(watts), OptionalDouble.empty());
    }

    private static GpuSample count(double second, double watts, double joules) {
        return at(second, OptionalDouble.of(watts), OptionalDouble.of(joules));
    }

    private static GpuSample nothing(double second) {
        return at(second, OptionalDouble.empty(), OptionalDouble.empty());
    }

    @Test
    void theCounterTellsTheEnergyWhateverThePowerWas() {
        GpuUsage usage = GpuUsage.of(List.of(count(0, 100, 1000), count(1, 900, 1300), count(4, 100, 1800)));
        assertThat(usage.energySource()).isEqualTo(EnergySource.COUNTER);
        assertThat(usage.joules()).hasValue(800);
        assertThat(usage.meanWatts()).hasValue(200);
        assertThat(usage.peakWatts()).hasValue(900);
        assertThat(usage.duration()).isEqualTo(Duration.ofSeconds(4));
        assertThat(usage.samples()).isEqualTo(3);
    }

    @Test
    void withoutACounterThePowerIsAddedUpOverUnequalTimes() {
        // 1 s from 100 to 300 W, then 2 s from 300 to 0 W.
        GpuUsage usage = GpuUsage.of(List.of(power(0, 100), power(1, 300), power(3, 0)));
        assertThat(usage.energySource()).isEqualTo(EnergySource.POWER);
        assertThat(usage.joules().orElseThrow()).isCloseTo(200 + 300, within(1e-9));
        assertThat(usage.meanWatts().orElseThrow()).isCloseTo(500 / 3.0, within(1e-9));
    }

    @Test
    void aSampleWithoutPowerIsBridged() {
        GpuUsage usage = GpuUsage.of(List.of(power(0, 100), nothing(1), power(2, 100), nothing(3)));
        assertThat(usage.joules().orElseThrow()).isCloseTo(200, within(1e-9));
        assertThat(usage.meanWatts().orElseThrow()).isCloseTo(100, within(1e-9));
        assertThat(usage.duration()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void aCounterThatDoesNotMoveOrBeginsAnewIsNotBelieved() {
        for (List<GpuSample> samples : List.of(
                List.of(count(0, 50, 700), count(0.02, 50, 700)),
                List.of(count(0, 50, 700), count(0.01, 50, 3), count(0.02, 50, 900)))) {
            GpuUsage usage = GpuUsage.of(samples);
            assertThat(usage.energySource()).isEqualTo(EnergySource.POWER);
            assertThat(usage.joules().orElseThrow()).isCloseTo(1, within(1e-9));
        }
    }

    @Test
    void oneSampleHasNoEnergyAndItsOwnPower() {
        GpuUsage usage = GpuUsage.of(List.of(count(0, 70, 5)));
        assertThat(usage.energySource()).isEqualTo(EnergySource.NONE);
        assertThat(usage.joules()).isEmpty();
        assertThat(usage.meanWatts()).hasValue(70);
        assertThat(usage.duration()).isZero();
    }

    @Test
    void aCardThatTellsNothingHasAnEmptyUsage() {
        GpuUsage usage = GpuUsage.of(List.of(nothing(0), nothing(1)));
        assertThat(usage.energySource()).isEqualTo(EnergySource.NONE);
        assertThat(usage.joules()).isEmpty();
        assertThat(usage.meanWatts()).isEmpty();
        assertThat(usage.meanUtilization()).isEmpty();
        assertThat(usage.peakMemory()).isEmpty();
        assertThat(usage.minSmClock()).isEmpty();
        assertThat(usage.throttleReasons()).isEmpty();
    }

    @Test
    void meansPeaksAndReasonsAreOverAllSamples() {
        List<GpuSample> samples = new ArrayList<>();
        int[] utilization = {10, 20, 60};
        int[] clock = {1800, 900, 1500};
        long[] memory = {5, 9, 2};
        int[] temperature = {-3, -7, -5};
        for (int i = 0; i < 3; i++) {
            samples.add(new GpuSample(
                    CARD,
                    Instant.EPOCH,
                    i,
                    Optional.of(new GpuMemory(10, memory[i], 10 - memory[i], 0)),
                    OptionalLong.of(memory[i] / 2),
                    OptionalInt.of(utilization[i]),
                    OptionalInt.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    OptionalInt.of(temperature[i]),
                    OptionalInt.of(clock[i]),
                    OptionalInt.of(2600),
                    i == 1 ? Set.of(ThrottleReason.POWER_CAP) : Set.of(ThrottleReason.IDLE),
                    Optional.empty()));
        }
        GpuUsage usage = GpuUsage.of(samples);
        assertThat(usage.meanUtilization()).hasValue(30);
        assertThat(usage.meanSmClock()).hasValue(1400);
        assertThat(usage.minSmClock()).hasValue(900);
        assertThat(usage.meanMemoryClock()).hasValue(2600);
        assertThat(usage.peakMemory()).hasValue(9);
        assertThat(usage.peakProcessMemory()).hasValue(4);
        assertThat(usage.peakTemperature()).hasValue(-3);
        assertThat(usage.throttleReasons()).containsExactly(ThrottleReason.IDLE, ThrottleReason.POWER_CAP);
    }

    @Test
    void samplesOfSeveralCardsOrOutOfOrderAreRefused() {
        assertThatThrownBy(() -> GpuUsage.of(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GpuUsage.of(List.of(power(1, 1), power(0, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order");
        GpuCard other = new GpuCard(1, "other", "", "", Optional.empty());
        GpuSample first = nothing(0);
        GpuSample of = new GpuSample(
                other,
                first.time(),
                first.nanoTime(),
                first.memory(),
                first.processMemory(),
                first.utilization(),
                first.memoryUtilization(),
                first.watts(),
                first.joules(),
                first.powerLimit(),
                first.temperature(),
                first.smClock(),
                first.memoryClock(),
                first.throttleReasons(),
                first.fault());
        assertThatThrownBy(() -> GpuUsage.of(List.of(first, of)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other");
    }
}
