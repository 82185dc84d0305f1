package io.github.panllama.gpu;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The energy of one card from sample to sample: by its counter, and by its power in case that the counter fails. */
final class EnergySum {
    private static final double NANOS = 1e9;

    private @Nullable GpuSample firstCount;
    private @Nullable GpuSample lastCount;
    private @Nullable GpuSample firstPower;
    private @Nullable GpuSample lastPower;
    private boolean countFellBack;
    private double integral;

    void add(GpuSample sample) {
        if (sample.joules().isPresent()) {
            count(sample);
        }
        if (sample.watts().isPresent()) {
            power(sample);
        }
    }

    private void count(GpuSample sample) {
        if (firstCount == null) {
            firstCount = sample;
        }
        if (lastCount != null && joules(sample) < joules(lastCount)) {
            countFellBack = true; // the driver was loaded anew: what lies between is lost
        }
        lastCount = sample;
    }

    private void power(GpuSample sample) {
        if (firstPower == null) {
            firstPower = sample;
        }
        if (lastPower != null) {
            integral += (watts(lastPower) + watts(sample)) / 2 * seconds(lastPower, sample);
        }
        lastPower = sample;
    }

    EnergySource source() {
        if (counted() > 0) {
            return EnergySource.COUNTER;
        }
        return powerSeconds() > 0 ? EnergySource.POWER : EnergySource.NONE;
    }

    OptionalDouble joules() {
        return switch (source()) {
            case COUNTER -> OptionalDouble.of(counted());
            case POWER -> OptionalDouble.of(integral);
            case NONE -> OptionalDouble.empty();
        };
    }

    OptionalDouble meanWatts() {
        return switch (source()) {
            case COUNTER -> OptionalDouble.of(counted() / seconds(firstCount, lastCount));
            case POWER -> OptionalDouble.of(integral / powerSeconds());
            case NONE -> OptionalDouble.empty();
        };
    }

    /** Zero where the card does not count, the count did not move, or it began anew. */
    private double counted() {
        if (firstCount == null || lastCount == null || countFellBack || seconds(firstCount, lastCount) <= 0) {
            return 0;
        }
        return joules(lastCount) - joules(firstCount);
    }

    private double powerSeconds() {
        return seconds(firstPower, lastPower);
    }

    private static double seconds(@Nullable GpuSample from, @Nullable GpuSample to) {
        return from == null || to == null ? 0 : (to.nanoTime() - from.nanoTime()) / NANOS;
    }

    private static double joules(GpuSample sample) {
        return sample.joules().orElseThrow();
    }

    private static double watts(GpuSample sample) {
        return sample.watts().orElseThrow();
    }
}
