package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import io.github.panllama.LoraAdapter;
import io.github.panllama.Sampler;
import io.github.panllama.StreamingDecoder;
import io.github.panllama.TokenLogprob;
import io.github.panllama.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way, and what has become of it so far. It belongs to the submitting thread until it is queued, then
 * to the engine's.
 */
final class Job {
    private final CompletionRequest request;
    private final int[] prompt;
    private final int room;
    private final int maxTokens;
    private final Map<LoraAdapter, Float> adapters;
    private final Generation generation;
    private final Sampler sampler;
    private final Tokenizer tokenizer;
    private final @Nullable Draft draft;
    private final StreamingDecoder decoder;
    private final StopMatcher stops;
    private final BitSet stopTokens = new BitSet();
    private final StringBuilder text = new StringBuilder();
    private final long submitted;
    private final long timeoutNanos;
    private final @Nullable Session session;
    private final JobLoad load;
    private boolean asked;
    private @Nullable Parked preempted;
    private boolean resumed;
    private final List<Cut> cuts = new ArrayList<>();
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    private int[] tokens = new int[64];
    private long[] times = new long[64];
    private int count;
    private long begun;
    private int cached;

    /**
     * A job.
     *
     * @param room the most tokens, prompt included, that the engine can keep of it
     * @param session what it continues; {@code null} for nothing
     * @param load what it costs its replica
     */
    Job(
            CompletionRequest request,
            int[] prompt,
            int room,
            Generation generation,
            Sampler sampler,
            @Nullable Draft draft,
            Tokenizer tokenizer,
            @Nullable Session session,
            JobLoad load,
            long submitted) {
        this.request = request;
        this.prompt = prompt;
        this.room = room;
        this.maxTokens = request.contextFull == ContextFullPolicy.SHIFT
                ? request.maxTokens
                : Math.min(request.maxTokens, mostUntilFull());
        // One that is scaled to nothing is none, for llama.cpp too.
        this.adapters = request.adapters.entrySet().stream()
                .filter(entry -> entry.getValue() != 0)
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        this.generation = generation;
        this.sampler = sampler;
        this.draft = draft;
        this.tokenizer = tokenizer;
        this.session = session;
        this.load = load;
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

    /** The adapters that it is computed with, and their scales. */
    Map<LoraAdapter, Float> adapters() {
        return adapters;
    }

    /** Why it cannot go on: one of its adapters was closed. Null else. */
    @Nullable
    IllegalStateException lostAdapter() {
        if (adapters.isEmpty()) {
            return null;
        }
        for (LoraAdapter adapter : adapters.keySet()) {
            if (adapter.isClosed()) {
                return new IllegalStateException(
                        "The adapter " + adapter.file() + " was closed before the generation ended");
            }
        }
        return null;
    }

    Generation generation() {
        return generation;
    }

    Sampler sampler() {
        return sampler;
    }

    @Nullable
    Session session() {
        return session;
    }

    /** What it costs its replica. */
    JobLoad load() {
        return load;
    }

    /** Whether its session, which is elsewhere, has not been asked for yet. */
    boolean asksForSession() {
        boolean first = !asked;
        asked = true;
        return first;
    }

    /** It has given its sequence up, and waits to go on where it was. */
    void preempt(Parked state) {
        preempted = state;
        resumed = true;
    }

    /** Where it was when it had to give its sequence up; {@code null} otherwise. */
    @Nullable
    Parked preempted() {
        return preempted;
    }

    /** It goes on. */
    void resume() {
        if (preempted != null && preempted.copy != null) {
            preempted.copy.close();
        }
        preempted = null;
    }

    /** Whether it had to give its sequence up once: that shall not happen again. */
    boolean wasPreempted() {
        return resumed;
    }

    /** What it guesses, if it does. */
    @Nullable
    Draft draft() {
        return draft;
    }

    long submitted() {
        return submitted;
    }

    /** The last token is given out and need not be kept. */
    private int mostUntilFull() {
        return room - prompt.length + 1;
    }

    /** Cells that it can come to need. */
    int mostCells() {
        return (int) Math.min(room, prompt.length + maxTokens - 1L);
    }

    /** Whether its next token has no room in a memory of so many, and shall have one. */
    boolean shiftsAt(int length) {
        return request.contextFull == ContextFullPolicy.SHIFT && count > 0 && length >= room;
    }

    /** Tokens of its conversation were forgotten. */
    void forget(int keep, int howMany) {
        cuts.add(new Cut(keep, howMany));
        if (draft != null) {
            draft.shifted();
        }
    }

    /** For messages. */
    String describe() {
        return "the prompt has %d tokens, %d were generated of %d wanted, and there is room for %d"
                .formatted(prompt.length, count, request.maxTokens, room);
    }

    private record Cut(int keep, int count) {}

    /** How many tokens at the start stay then. */
    int keptAtShift() {
        return Math.min(request.keepTokens, room / 2);
    }

    /** Whether it has ended because the context was full, and shall not have. */
    boolean failsFull() {
        return request.contextFull == ContextFullPolicy.FAIL && count == maxTokens && maxTokens < request.maxTokens;
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
        load.begun(cached);
    }

    /** When it began; 0 where it has not. */
    long begun() {
        return begun;
    }

    /** The token that was generated last. */
    int lastToken() {
        return tokens[count - 1];
    }

    /**
     * How many tokens after the next one it may guess: the last one that it gets is not computed any more.
     *
     * @param length cells that it has
     */
    int mostDrafted(int length) {
        return Math.min(maxTokens - count, room - length) - 1;
    }

    int generated() {
        return count;
    }

    int cached() {
        return cached;
    }

    /** Whether a token ends it and is not given out. */
    boolean endsAt(int token) {
        return stopTokens.get(token) || (!request.ignoreEndOfGeneration && tokenizer.isEndOfGeneration(token));
    }

    /**
     * Takes the next token; answers why that ends it, or null.
     *
     * @param logprob where the request asks for it
     */
    @Nullable
    FinishReason take(int token, @Nullable TokenLogprob logprob, long now) {
        if (endsAt(token)) {
            return FinishReason.STOP;
        }
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
            times = Arrays.copyOf(times, 2 * count);
        }
        tokens[count] = token;
        times[count++] = now;
        load.generated(count);
        if (logprob != null) {
            logprobs.add(logprob);
        }
        give(stops.append(decoder.append(token)), OptionalInt.of(token), Optional.ofNullable(logprob));
        if (stops.found() != null) {
            return FinishReason.STOP;
        }
        return count == maxTokens ? FinishReason.LENGTH : null;
    }

    private void give(String piece, OptionalInt token, Optional<TokenLogprob> logprob) {
        text.append(piece);
        generation.add(new GenerationChunk(piece, token, logprob));
    }

    /** Ends it and tells whoever waits. */
    void finish(FinishReason reason, long now) {
        if (stops.found() == null) {
            String rest = stops.append(decoder.finish()) + stops.finish();
            if (!rest.isEmpty()) {
                give(rest, OptionalInt.empty(), Optional.empty());
            }
        }
        release();
        int[] conversation = conversation();
        if (count > 0 && cuts.isEmpty()) {
            load.finished(count, conversation);
        }
        if (session != null) {
            session.ended(conversation);
        }
        generation.complete(new CompletionResult(
                text.toString(),
                Arrays.stream(tokens, 0, count).boxed().toList(),
                logprobs,
                reason,
                Optional.ofNullable(stops.found()),
                new Usage(
                        prompt.length,
                        cached,
                        count,
                        draft == null ? 0 : draft.drafted(),
                        draft == null ? 0 : draft.accepted()),
                timings(now)));
    }

    /** Ends it by a failure. */
    void fail(Throwable failure) {
        release();
        if (session != null) {
            session.free();
        }
        generation.fail(failure);
    }

    /** Frees what it computes with. */
    void release() {
        load.end();
        sampler.close();
        resume();
        if (draft != null) {
            draft.jobEnded();
        }
    }

    private int[] conversation() {
        int[] conversation = Arrays.copyOf(prompt, prompt.length + count);
        System.arraycopy(tokens, 0, conversation, prompt.length, count);
        int length = conversation.length;
        for (Cut cut : cuts) {
            length -= cut.count;
            System.arraycopy(conversation, cut.keep + cut.count, conversation, cut.keep, length - cut.keep);
        }
        return Arrays.copyOf(conversation, length);
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
