package io.github.panllama.cli;

import io.github.panllama.Device;
import io.github.panllama.LlamaModel;
import io.github.panllama.gpu.GpuCard;
import io.github.panllama.gpu.GpuMonitor;
import io.github.panllama.gpu.GpuMonitorException;
import io.github.panllama.gpu.GpuRecording;
import io.github.panllama.gpu.GpuUsage;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Watches the cards whose energy counts, where there are any. */
public final class CardWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final @Nullable GpuMonitor monitor;
    private final Set<GpuCard> cards;

    /** Which cards are watched. */
    enum Which {
        /** Those on which the model computes. */
        AUTO,
        /** All that the driver shows; it is a failure if there is none. */
        ALL,
        /** None. */
        OFF
    }

    /**
     * A result, and what the cards did meanwhile.
     *
     * @param <T> of the result
     */
    public record Watched<T>(T result, List<GpuUsage> usages) {}

    private CardWatch(@Nullable GpuMonitor monitor, Set<GpuCard> cards) {
        this.monitor = monitor;
        this.cards = cards;
    }

    /** A watch of the cards on which models compute; of none where there is no card or no driver. */
    public static CardWatch of(List<LlamaModel> models) {
        return open(
                Which.AUTO,
                models.stream()
                        .filter(LlamaModel::isOffloaded)
                        .flatMap(model -> model.devices().stream())
                        .toList());
    }

    /**
     * Opens a watch.
     *
     * @param computing the devices on which models compute; none where they do on the CPU
     */
    static CardWatch open(Which which, List<Device> computing) {
        return switch (which) {
            case OFF -> new CardWatch(null, Set.of());
            case ALL -> all();
            case AUTO ->
                computing.isEmpty()
                        ? new CardWatch(null, Set.of())
                        : GpuMonitor.openIfPresent()
                                .map(monitor -> of(monitor, computing))
                                .orElseGet(() -> new CardWatch(null, Set.of()));
        };
    }

    private static CardWatch all() {
        try {
            GpuMonitor monitor = GpuMonitor.open();
            return new CardWatch(monitor, Set.copyOf(monitor.cards()));
        } catch (GpuMonitorException e) {
            throw new FailureException("--gpu-monitor all: " + e.getMessage(), e);
        }
    }

    private static CardWatch of(GpuMonitor monitor, List<Device> computing) {
        return new CardWatch(
                monitor,
                computing.stream()
                        .flatMap(device -> monitor.card(device).stream())
                        .collect(Collectors.toSet()));
    }

    /** Does the work, and tells what the cards did from its begin to its end. */
    public <T> Watched<T> during(Supplier<T> work) {
        if (monitor == null || cards.isEmpty()) {
            return new Watched<>(work.get(), List.of());
        }
        try (GpuRecording recording = monitor.record(INTERVAL)) {
            T result = work.get();
            return new Watched<>(
                    result,
                    recording.stop().stream()
                            .filter(usage -> cards.contains(usage.card()))
                            .toList());
        }
    }

    @Override
    public void close() {
        if (monitor != null) {
            monitor.close();
        }
    }
}
