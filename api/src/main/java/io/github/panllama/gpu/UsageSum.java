package io.github.panllama.gpu;

import java.time.Duration;
import java.util.EnumSet;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Adds up the samples of one card, without keeping them. Used by one thread at a time. */
final class UsageSum {
    private final GpuCard card;
    private final EnergySum energy = new EnergySum();
    private final Mean utilization = new Mean();
    private final Mean smClock = new Mean();
    private final Mean memoryClock = new Mean();
    private final Set<ThrottleReason> throttleReasons = EnumSet.noneOf(ThrottleReason.class);
    private OptionalLong memory = OptionalLong.empty();
    private OptionalLong processMemory = OptionalLong.empty();
    private OptionalInt lowestSmClock = OptionalInt.empty();
    private OptionalInt temperature = OptionalInt.empty();
    private OptionalDouble watts = OptionalDouble.empty();
    private @Nullable GpuSample first;
    private @Nullable GpuSample last;
    private int samples;

    /** A mean of what was told. */
    private static final class Mean {
        private double sum;
        private int count;

        void add(OptionalInt value) {
            value.ifPresent(number -> {
                sum += number;
                count++;
            });
        }

        OptionalDouble value() {
            return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count);
        }
    }

    UsageSum(GpuCard card) {
        this.card = card;
    }

    void add(GpuSample sample) {
        if (!sample.card().equals(card)) {
            throw new IllegalArgumentException(
                    "A sample is of the card %s, the others are of %s".formatted(sample.card(), card));
        }
        if (last != null && sample.nanoTime() - last.nanoTime() < 0) {
            throw new IllegalArgumentException("The sample of %s comes after that of %s, must be in order of time"
                    .formatted(sample.time(), last.time()));
        }
        if (first == null) {
            first = sample;
        }
        last = sample;
        samples++;
        energy.add(sample);
        utilization.add(sample.utilization());
        smClock.add(sample.smClock());
        memoryClock.add(sample.memoryClock());
        throttleReasons.addAll(sample.throttleReasons());
        peaks(sample);
    }

    private void peaks(GpuSample sample) {
        sample.memory().ifPresent(now -> memory = OptionalLong.of(Math.max(now.used(), memory.orElse(0))));
        sample.processMemory()
                .ifPresent(now -> processMemory = OptionalLong.of(Math.max(now, processMemory.orElse(0))));
        sample.smClock().ifPresent(now -> lowestSmClock = OptionalInt.of(Math.min(now, lowestSmClock.orElse(now))));
        sample.temperature().ifPresent(now -> temperature = OptionalInt.of(Math.max(now, temperature.orElse(now))));
        sample.watts().ifPresent(now -> watts = OptionalDouble.of(Math.max(now, watts.orElse(now))));
    }

    GpuUsage usage() {
        long nanos = first == null || last == null ? 0 : last.nanoTime() - first.nanoTime();
        return new GpuUsage(
                card,
                Duration.ofNanos(nanos),
                samples,
                energy.source(),
                energy.joules(),
                Stream.of(energy.meanWatts(), watts)
                        .filter(OptionalDouble::isPresent)
                        .findFirst()
                        .orElse(OptionalDouble.empty()),
                watts,
                utilization.value(),
                memory,
                processMemory,
                smClock.value(),
                lowestSmClock,
                memoryClock.value(),
                temperature,
                throttleReasons);
    }
}
