package io.github.panllama.gpu;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a card did between two moments. What it does not tell is empty.
 *
 * @param card which one
 * @param duration from the first sample to the last
 * @param samples how many there were
 * @param energySource how the energy was found
 * @param joules energy that the card has taken, that of all programs on it
 * @param meanWatts that energy over its time
 * @param peakWatts the most power that a sample told
 * @param meanUtilization percent of the time in which anything ran on it, a mean of the samples
 * @param peakMemory bytes of its memory that programs had taken at most, those of others included
 * @param peakProcessMemory bytes of it that this process had taken at most
 * @param meanSmClock of its cores, in megahertz
 * @param minSmClock the lowest that a sample told
 * @param meanMemoryClock of its memory, in megahertz
 * @param peakTemperature of its chip, in degrees Celsius
 * @param throttleReasons all that any sample told
 */
public record GpuUsage(
        GpuCard card,
        Duration duration,
        int samples,
        EnergySource energySource,
        OptionalDouble joules,
        OptionalDouble meanWatts,
        OptionalDouble peakWatts,
        OptionalDouble meanUtilization,
        OptionalLong peakMemory,
        OptionalLong peakProcessMemory,
        OptionalDouble meanSmClock,
        OptionalInt minSmClock,
        OptionalDouble meanMemoryClock,
        OptionalInt peakTemperature,
        Set<ThrottleReason> throttleReasons) {
    /** Copies the set, and refuses {@code null}. */
    public GpuUsage {
        Objects.requireNonNull(card, "card");
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(energySource, "energySource");
        Objects.requireNonNull(joules, "joules");
        Objects.requireNonNull(meanWatts, "meanWatts");
        Objects.requireNonNull(peakWatts, "peakWatts");
        Objects.requireNonNull(meanUtilization, "meanUtilization");
        Objects.requireNonNull(peakMemory, "peakMemory");
        Objects.requireNonNull(peakProcessMemory, "peakProcessMemory");
        Objects.requireNonNull(meanSmClock, "meanSmClock");
        Objects.requireNonNull(minSmClock, "minSmClock");
        Objects.requireNonNull(meanMemoryClock, "meanMemoryClock");
        Objects.requireNonNull(peakTemperature, "peakTemperature");
        throttleReasons = ThrottleReason.copyOf(throttleReasons);
    }

    /**
     * The usage that samples tell.
     *
     * @param samples of one card, in their order, one at least
     * @throws IllegalArgumentException if there is none, if they are of several cards, or out of order
     */
    public static GpuUsage of(List<GpuSample> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("There is no sample, must be one at least");
        }
        UsageSum sum = new UsageSum(samples.getFirst().card());
        samples.forEach(sum::add);
        return sum.usage();
    }
}
