package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.gpu.EnergySource;
import io.github.panllama.gpu.GpuCard;
import io.github.panllama.gpu.GpuUsage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BenchCardsTest {
    private static GpuUsage usage(int index, EnergySource source, OptionalDouble joules, OptionalDouble watts) {
        return new GpuUsage(
                new GpuCard(index, "card", "", "", Optional.empty()),
                Duration.ofSeconds(10),
                3,
                source,
                joules,
                watts,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                Set.of());
    }

    private static GpuUsage counted(int index, double joules, double watts) {
        return usage(index, EnergySource.COUNTER, OptionalDouble.of(joules), OptionalDouble.of(watts));
    }

    @Test
    void energyAndPowerOfAllCardsAddUp() {
        BenchCards cards = new BenchCards(List.of(counted(0, 1500, 150), counted(1, 2500, 250)), 16_000);
        assertThat(cards.joules()).hasValue(4000);
        assertThat(cards.watts()).hasValue(400);
        assertThat(cards.tokensPerJoule()).hasValue(4);
        assertThat(cards.joulesPerThousandTokens()).hasValue(250);
        assertThat(cards.energySource()).isEqualTo(EnergySource.COUNTER);
    }

    @Test
    void theWorseWayToTellEnergyIsNamed() {
        GpuUsage added = usage(1, EnergySource.POWER, OptionalDouble.of(1), OptionalDouble.of(1));
        assertThat(new BenchCards(List.of(counted(0, 1, 1), added), 1).energySource())
                .isEqualTo(EnergySource.POWER);
    }

    @Test
    void aCardThatTellsNoneLeavesNoneOfAll() {
        GpuUsage silent = usage(1, EnergySource.NONE, OptionalDouble.empty(), OptionalDouble.of(70));
        BenchCards cards = new BenchCards(List.of(counted(0, 1500, 150), silent), 16_000);
        assertThat(cards.joules()).isEmpty();
        assertThat(cards.tokensPerJoule()).isEmpty();
        assertThat(cards.joulesPerThousandTokens()).isEmpty();
        assertThat(cards.watts()).hasValue(220);
        assertThat(cards.energySource()).isEqualTo(EnergySource.NONE);
    }

    @Test
    void nothingIsDividedByNothing() {
        assertThat(new BenchCards(List.of(counted(0, 5, 1)), 0).joulesPerThousandTokens())
                .isEmpty();
        assertThat(new BenchCards(List.of(counted(0, 0, 1)), 10).tokensPerJoule())
                .isEmpty();
        assertThat(new BenchCards(List.of(), 10).watts()).isEmpty();
    }
}
