package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import io.github.panllama.Sampler;
import io.github.panllama.StreamingDecoder;
import io.github.panllama.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way, and what has become of it so far. It belongs to the submitting thread until it is queued, then
 * to the engine's.
 */
final class Job {
    private final CompletionRequest request;
    private final int[] prompt;
    private final int maxTokens;
    private final Generation generation;
    private final Sampler sampler;
    private final Tokenizer tokenizer;
    private final StreamingDecoder decoder;
    private final StopMatcher stops;
    private final BitSet stopTokens = new BitSet();
    private final StringBuilder text = new StringBuilder();
    private final long submitted;
    private final long timeoutNanos;
    private int[] tokens = new int[64];
    private long[] times = new long[64];
    private int count;
    private long begun;
    private int cached;

    /**
     * A job.
     *
     * @param room the most tokens, prompt included, that the engine can keep of it
     */
    Job(
            CompletionRequest request,
            int[] prompt,
            int room,
            Generation generation,
            Sampler sampler,
            Tokenizer tokenizer,
            long submitted) {
        this.request = request;
        this.prompt = prompt;
        // The last token is given out and need not be kept.
        this.maxTokens = Math.min(request.maxTokens, room - prompt.length + 1);
        this.generation = generation;
        this.sampler = sampler;
        this.tokenizer = tokenizer;
        this.submitted = submitted;
        decoder = tokenizer.newStreamingDecoder();
        stops = new StopMatcher(request.stopTexts);
        // What is not in the vocabulary never comes.
        request.stopTokens.stream().filter(token -> token < tokenizer.size()).forEach(stopTokens::set);
        timeoutNanos = request.timeout == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(request.timeout);
    }

    CompletionRequest request() {
        return request;
    }

    int[] prompt() {
        return prompt;
    }

    Generation generation() {
        return generation;
    }

    Sampler sampler() {
        return sampler;
    }

    long submitted() {
        return submitted;
    }

    /** Cells that it can come to need. */
    int mostCells() {
        return prompt.length + maxTokens - 1;
    }

    /** Nanoseconds from now until its deadline; negative when it has passed. */
    long nanosLeft(long now) {
        return timeoutNanos == Long.MAX_VALUE ? Long.MAX_VALUE : timeoutNanos - (now - submitted);
    }

    /** Why it ends before its time, or null. */
    @Nullable
    FinishReason endsEarly(long now) {
        if (generation.isCancelled()) {
            return FinishReason.CANCELLED;
        }
        return nanosLeft(now) <= 0 ? FinishReason.DEADLINE : null;
    }

    void begin(long now, int cachedTokens) {
        begun = now;
        cached = cachedTokens;
    }

    /** The token that was generated last. */
    int lastToken() {
        return tokens[count - 1];
    }

    int generated() {
        return count;
    }

    int cached() {
        return cached;
    }

    /** Takes the next token; answers why that ends it, or null. */
    @Nullable
    FinishReason take(int token, long now) {
        if (stopTokens.get(token) || (!request.ignoreEndOfGeneration && tokenizer.isEndOfGeneration(token))) {
            return FinishReason.STOP;
        }
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
            times = Arrays.copyOf(times, 2 * count);
        }
        tokens[count] = token;
        times[count++] = now;
        give(stops.append(decoder.append(token)), OptionalInt.of(token));
        if (stops.found() != null) {
            return FinishReason.STOP;
        }
        return count == maxTokens ? FinishReason.LENGTH : null;
    }

    private void give(String piece, OptionalInt token) {
        text.append(piece);
        generation.add(new GenerationChunk(piece, token));
    }

    /** Ends it and tells whoever waits. */
    void finish(FinishReason reason, long now) {
        if (stops.found() == null) {
            String rest = stops.append(decoder.finish()) + stops.finish();
            if (!rest.isEmpty()) {
                give(rest, OptionalInt.empty());
            }
        }
        sampler.close();
        generation.complete(new CompletionResult(
                text.toString(),
                Arrays.stream(tokens, 0, count).boxed().toList(),
                reason,
                Optional.ofNullable(stops.found()),
                new Usage(prompt.length, cached, count),
                timings(now)));
    }

    /** Ends it by a failure. */
    void fail(Throwable failure) {
        sampler.close();
        generation.fail(failure);
    }

    private Timings timings(long now) {
        List<Duration> gaps = new ArrayList<>();
        IntStream.range(1, count).forEach(i -> gaps.add(Duration.ofNanos(times[i] - times[i - 1])));
        return new Timings(
                Duration.ofNanos((begun == 0 ? now : begun) - submitted),
                count == 0 ? Duration.ZERO : Duration.ofNanos(times[0] - submitted),
                gaps,
                Duration.ofNanos(now - submitted));
    }

    /** From the token before the last one to the last one, or from the submission to the first. */
    long lastGap() {
        return times[count - 1] - (count == 1 ? submitted : times[count - 2]);
    }
}
