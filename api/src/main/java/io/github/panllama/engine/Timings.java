package io.github.panllama.engine;

import io.github.panllama.internal.Seconds;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How long a generation took.
 *
 * @param queued from the submission until its prompt was begun, or the whole time when that never came
 * @param timeToFirstToken from the submission to the first token; zero when there is none
 * @param interToken from each token to the next one; one fewer than there are tokens
 * @param duration from the submission to the end
 */
public record Timings(Duration queued, Duration timeToFirstToken, List<Duration> interToken, Duration duration) {
    /** Copies the list, and refuses {@code null}. */
    public Timings {
        Objects.requireNonNull(queued, "queued");
        Objects.requireNonNull(timeToFirstToken, "timeToFirstToken");
        Objects.requireNonNull(duration, "duration");
        interToken = List.copyOf(interToken);
    }

    /** Tokens a second after the first one; 0 when there are fewer than two. */
    public double tokensPerSecond() {
        double seconds = interToken.stream().mapToDouble(Seconds::of).sum();
        return seconds == 0 ? 0 : interToken.size() / seconds;
    }
}
