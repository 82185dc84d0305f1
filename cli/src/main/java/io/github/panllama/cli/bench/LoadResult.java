package io.github.panllama.cli.bench;

import io.github.panllama.engine.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToIntFunction;

/**
 * What became of a load.
 *
 * @param requests all of its requests, one at least
 */
public record LoadResult(List<CompletedRequest> requests) {
    /** Copies the list, and refuses an empty one. */
    public LoadResult {
        requests = List.copyOf(requests);
        if (requests.isEmpty()) {
            throw new IllegalArgumentException("A load without a request has no result");
        }
    }

    /** From the first submission to the last end. */
    public Duration duration() {
        // Differences, because the clock may turn over.
        long origin = requests.getFirst().submitted();
        long first = requests.stream()
                .mapToLong(each -> each.submitted() - origin)
                .min()
                .orElseThrow();
        long last =
                requests.stream().mapToLong(each -> each.ended() - origin).max().orElseThrow();
        return Duration.ofNanos(last - first);
    }

    /** Tokens of all prompts. */
    public long promptTokens() {
        return sum(Usage::promptTokens);
    }

    /** Those of them that were in the KV cache and were not computed again. */
    public long cachedTokens() {
        return sum(Usage::cachedTokens);
    }

    /** Tokens that were generated. */
    public long generatedTokens() {
        return sum(Usage::generatedTokens);
    }

    private long sum(ToIntFunction<Usage> count) {
        return requests.stream()
                .mapToLong(request -> count.applyAsInt(request.usage()))
                .sum();
    }

    /** Requests that ended in a second. */
    public double requestsPerSecond() {
        return perSecond(requests.size());
    }

    /** Tokens that were generated in a second. */
    public double outputTokensPerSecond() {
        return perSecond(generatedTokens());
    }

    /** Tokens of prompts, cached ones included, and generated tokens in a second. */
    public double totalTokensPerSecond() {
        return perSecond(promptTokens() + generatedTokens());
    }

    /** Requests in a second that stayed within the bounds. */
    public double goodput(GoodputBounds bounds) {
        return perSecond(requests.stream().filter(bounds::allow).count());
    }

    private double perSecond(long count) {
        return count * 1e9 / duration().toNanos();
    }

    /** Time to the first token (TTFT): from the submission to the moment when it was chosen. */
    public Optional<Latency> timeToFirstToken() {
        return Latency.of(requests.stream()
                .mapToDouble(
                        each -> CompletedRequest.milliseconds(each.timings().timeToFirstToken())));
    }

    /** Time per output token after the first one (TPOT), a mean of each request. */
    public Optional<Latency> timePerOutputToken() {
        return Latency.of(
                requests.stream().map(CompletedRequest::timePerOutputToken).flatMapToDouble(OptionalDouble::stream));
    }

    /** Inter-token latency (ITL): from each token to the next one, of all requests together. */
    public Optional<Latency> interTokenLatency() {
        return Latency.of(requests.stream()
                .flatMap(each -> each.timings().interToken().stream())
                .mapToDouble(CompletedRequest::milliseconds));
    }

    /** End-to-end latency (E2EL): from the submission to the end. */
    public Optional<Latency> endToEndLatency() {
        return Latency.of(requests.stream()
                .mapToDouble(
                        each -> CompletedRequest.milliseconds(each.timings().duration())));
    }
}
