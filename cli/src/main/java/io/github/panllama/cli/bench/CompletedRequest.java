package io.github.panllama.cli.bench;

import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * A request that has ended.
 *
 * @param submitted when it was sent, by {@link System#nanoTime()}
 * @param usage its tokens
 * @param timings how long it took; from a target that answers as a whole, the duration alone
 */
public record CompletedRequest(long submitted, Usage usage, Timings timings) {
    /** Refuses {@code null}. */
    public CompletedRequest {
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(timings, "timings");
    }

    /** When it ended, by {@link System#nanoTime()}. */
    public long ended() {
        return submitted + timings.duration().toNanos();
    }

    /** When its first token came, by {@link System#nanoTime()}. */
    long firstToken() {
        return submitted + timings.timeToFirstToken().toNanos();
    }

    /** Time per output token after the first one, in milliseconds; none with fewer than two tokens. */
    OptionalDouble timePerOutputToken() {
        int others = usage.generatedTokens() - 1;
        if (others < 1) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(milliseconds(timings.duration().minus(timings.timeToFirstToken())) / others);
    }

    static double milliseconds(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
