package io.github.panllama.gpu;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a card said of itself at a moment. What it does not tell is empty: cards differ, and drivers too.
 *
 * @param card which one
 * @param time the moment, by the system's clock
 * @param nanoTime the same moment by {@link System#nanoTime()}, to tell how far apart two samples are
 * @param memory its memory
 * @param processMemory bytes of it that this process has taken; empty in most containers too, where the driver knows the
 *     process by another number
 * @param utilization percent of the driver's last period, a second at most, in which anything ran on it
 * @param memoryUtilization percent of that period in which its memory was read or written
 * @param watts power that it takes; many cards tell the mean of the last second
 * @param joules energy that it has taken since the driver was loaded
 * @param powerLimit watts to which it is held
 * @param temperature of its chip, in degrees Celsius
 * @param smClock of its cores, in megahertz
 * @param memoryClock of its memory, in megahertz
 * @param throttleReasons why its clocks are not higher; none where it does not tell
 * @param fault why it tells nothing, such as that it was lost; empty when it answers
 */
public record GpuSample(
        GpuCard card,
        Instant time,
        long nanoTime,
        Optional<GpuMemory> memory,
        OptionalLong processMemory,
        OptionalInt utilization,
        OptionalInt memoryUtilization,
        OptionalDouble watts,
        OptionalDouble joules,
        OptionalDouble powerLimit,
        OptionalInt temperature,
        OptionalInt smClock,
        OptionalInt memoryClock,
        Set<ThrottleReason> throttleReasons,
        Optional<String> fault) {
    /** Copies the set, and refuses {@code null}. */
    public GpuSample {
        Objects.requireNonNull(card, "card");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(processMemory, "processMemory");
        Objects.requireNonNull(utilization, "utilization");
        Objects.requireNonNull(memoryUtilization, "memoryUtilization");
        Objects.requireNonNull(watts, "watts");
        Objects.requireNonNull(joules, "joules");
        Objects.requireNonNull(powerLimit, "powerLimit");
        Objects.requireNonNull(temperature, "temperature");
        Objects.requireNonNull(smClock, "smClock");
        Objects.requireNonNull(memoryClock, "memoryClock");
        throttleReasons = ThrottleReason.copyOf(throttleReasons);
        Objects.requireNonNull(fault, "fault");
    }
}
