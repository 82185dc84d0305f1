package io.github.panllama.cli.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How fast prompts alone and decode alone are, as {@code llama-batched-bench} tells it, although an engine does both in
 * one step.
 *
 * <p>First all prompts come together, each for one token: that is the prefill. Then they come again, each a token
 * longer, and find themselves in the KV cache; what is left is decode. Only the time in which all of them decode counts:
 * from the moment when the last one has its first token to that when the first one ends.
 *
 * @param prompt tokens of prompts that were computed in a second (S_PP)
 * @param generation tokens that were generated in a second (S_TG); nothing where there was no time in which all decoded
 */
public record PhaseSpeeds(double prompt, OptionalDouble generation) {
    /**
     * Measures a target that tells the times of its tokens.
     *
     * @param prompts of the requests that are in flight at the same time, one at least
     * @param tokens to generate in each
     */
    public static PhaseSpeeds measure(LoadGenerator generator, List<int[]> prompts, int tokens) {
        LoadResult prefill = new LoadResult(generator.closedLoop(prompts.size(), prompts, 1));
        double computed = prefill.promptTokens() - prefill.cachedTokens();
        List<int[]> longer = prompts.stream().map(PhaseSpeeds::longer).toList();
        return new PhaseSpeeds(
                computed * 1e9 / prefill.duration().toNanos(),
                generation(generator.closedLoop(longer.size(), longer, tokens)));
    }

    /** With one more token, as if it had been generated: all that was computed is then the beginning of the prompt. */
    private static int[] longer(int[] prompt) {
        int[] longer = Arrays.copyOf(prompt, prompt.length + 1);
        longer[prompt.length] = prompt[0];
        return longer;
    }

    private static OptionalDouble generation(List<CompletedRequest> requests) {
        // Differences, because the clock may turn over.
        long origin = requests.getFirst().submitted();
        long from = requests.stream()
                .mapToLong(each -> each.firstToken() - origin)
                .max()
                .orElseThrow();
        long to =
                requests.stream().mapToLong(each -> each.ended() - origin).min().orElseThrow();
        long[] gaps = requests.stream()
                .flatMap(each -> each.timings().interToken().stream())
                .mapToLong(Duration::toNanos)
                .sorted()
                .toArray();
        if (to <= from || gaps.length == 0) {
            return OptionalDouble.empty();
        }
        // Tokens of one step have times that differ a little: each was counted from its own submission.
        long half = gaps[gaps.length / 2] / 2;
        long tokens = requests.stream()
                .mapToLong(each -> tokensWithin(each, origin, from + half, to + half))
                .sum();
        return OptionalDouble.of(tokens * 1e9 / (to - from));
    }

    /** The tokens that came after one time and not after another. */
    private static long tokensWithin(CompletedRequest request, long origin, long from, long to) {
        long time = request.firstToken() - origin;
        long count = time > from && time <= to ? 1 : 0;
        for (Duration gap : request.timings().interToken()) {
            time += gap.toNanos();
            count += time > from && time <= to ? 1 : 0;
        }
        return count;
    }
}
