package com.example.quickstart;

import io.github.panllama.Device;
import io.github.panllama.gpu.GpuMonitor;
import io.github.panllama.gpu.GpuMonitorException;
import io.github.panllama.gpu.GpuRecording;
import io.github.panllama.gpu.GpuSample;
import io.github.panllama.gpu.GpuSampler;
import io.github.panllama.gpu.GpuUsage;
import java.time.Duration;
import java.util.function.IntSupplier;

/** What docs/gpu/monitor.md shows. */
final class GpuSnippets {
    private GpuSnippets() {}

    static void look() {
        try (GpuMonitor monitor = GpuMonitor.open()) {
            for (GpuSample sample : monitor.sample()) {
                System.out.println(sample.card().name() + ": " + sample.watts().orElse(Double.NaN) + " W");
            }
        } catch (GpuMonitorException e) {
            System.out.println(e.reason() + ": " + e.getMessage());
        }
    }

    static void energy(GpuMonitor monitor, IntSupplier work) {
        try (GpuRecording recording = monitor.record(Duration.ofMillis(50))) {
            int tokens = work.getAsInt();
            for (GpuUsage usage : recording.stop()) {
                usage.joules().ifPresent(joules -> System.out.printf(
                        "%s: %.2f J a token, by %s%n", usage.card().name(), joules / tokens, usage.energySource()));
            }
        }
    }

    static void devices(GpuMonitor monitor) {
        for (Device device : Device.gpus()) {
            monitor.card(device).ifPresent(card -> System.out.println(device.name() + " is " + card.uuid()));
        }
    }

    static void watch(GpuMonitor monitor, IntSupplier work) {
        try (GpuSampler sampler = monitor.sampleEvery(
                Duration.ofSeconds(1), samples -> samples.forEach(System.out::println))) {
            work.getAsInt();
        }
    }
}
