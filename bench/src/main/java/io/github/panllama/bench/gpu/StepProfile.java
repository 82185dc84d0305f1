package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Where the time of an engine's steps goes, by its own JFR events: those steps in which all sequences decode and no prompt is computed. */
final class StepProfile implements AutoCloseable {
    private static final String EVENT = "io.github.panllama.EngineStep";
    private static final double NANOS = 1e6;

    private final Recording recording = new Recording();

    private StepProfile() {}

    /** Begins to record. */
    static StepProfile begin() {
        StepProfile profile = new StepProfile();
        profile.recording.enable(EVENT).withoutThreshold().withoutStackTrace();
        profile.recording.start();
        return profile;
    }

    /**
     * Ends it.
     *
     * @param sequences of the steps that count
     * @return means in milliseconds; {@code null} where there was no such step
     */
    @Nullable
    Map<String, @Nullable Object> end(int sequences) {
        recording.stop();
        try {
            Path file = Files.createTempFile("panllama-bench", ".jfr");
            try {
                recording.dump(file);
                return of(
                        RecordingFile.readAllEvents(file).stream()
                                .filter(event -> event.getEventType().getName().equals(EVENT))
                                .map(Step::of)
                                .toList(),
                        sequences);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A step of an engine.
     *
     * @param thread that computed it
     * @param start nanoseconds from any moment
     */
    record Step(long thread, long start, int sequences, int promptTokens, long decode, long sampling) {
        static Step of(RecordedEvent event) {
            return new Step(
                    event.getThread() == null ? 0 : event.getThread().getId(),
                    Duration.between(Instant.EPOCH, event.getStartTime()).toNanos(),
                    event.getInt("sequences"),
                    event.getInt("promptTokens"),
                    event.getDuration("decodeTime").toNanos(),
                    event.getDuration("samplingTime").toNanos());
        }

        boolean decodesAll(int wanted) {
            return sequences == wanted && promptTokens == 0;
        }
    }

    /** A step counts with the time until the next one begins, if that is one too. */
    static @Nullable Map<String, @Nullable Object> of(List<Step> unordered, int sequences) {
        List<Step> steps = unordered.stream()
                .sorted(Comparator.comparingLong(Step::thread).thenComparingLong(Step::start))
                .toList();
        long count = 0;
        double all = 0;
        double decode = 0;
        double sampling = 0;
        for (int i = 0; i + 1 < steps.size(); i++) {
            Step step = steps.get(i);
            Step next = steps.get(i + 1);
            if (step.thread == next.thread && step.decodesAll(sequences) && next.decodesAll(sequences)) {
                count++;
                all += next.start - step.start;
                decode += step.decode;
                sampling += step.sampling;
            }
        }
        if (count == 0) {
            return null;
        }
        Map<String, @Nullable Object> means = new LinkedHashMap<>();
        means.put("all", GpuRun.rounded(all / count / NANOS));
        means.put("decode", GpuRun.rounded(decode / count / NANOS));
        means.put("sampling", GpuRun.rounded(sampling / count / NANOS));
        means.put("rest", GpuRun.rounded((all - decode - sampling) / count / NANOS));
        means.put("steps", count);
        return means;
    }

    @Override
    public void close() {
        recording.close();
    }
}
