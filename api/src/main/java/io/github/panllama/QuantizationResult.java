package io.github.panllama;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A model that was quantised.
 *
 * @param files what was written: one file, or the parts in order
 * @param plan what was done to each tensor, and the sizes before and after
 * @param duration from the call to the renamed file
 */
public record QuantizationResult(List<Path> files, QuantizationPlan plan, Duration duration) {
    /** Copies the list and refuses {@code null}. */
    public QuantizationResult {
        files = List.copyOf(files);
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(duration, "duration");
    }
}
