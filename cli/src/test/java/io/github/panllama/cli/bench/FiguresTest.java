package io.github.panllama.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiguresTest {
    /** A request that was sent at a time and got its tokens at an even pace. */
    private static CompletedRequest request(long submittedMs, int first, int gap, int tokens) {
        List<Duration> gaps = Collections.nCopies(tokens - 1, Duration.ofMillis(gap));
        Duration whole = Duration.ofMillis(first + (long) gap * (tokens - 1));
        return new CompletedRequest(
                Duration.ofMillis(submittedMs).toNanos(),
                new Usage(10, 4, tokens, 0, 0),
                new Timings(Duration.ZERO, Duration.ofMillis(first), gaps, whole));
    }

    @Test
    void percentilesLieBetweenTheNearestValues() {
        Latency latency =
                Latency.of(IntStream.rangeClosed(1, 101).mapToDouble(i -> i)).orElseThrow();
        assertThat(latency).isEqualTo(new Latency(51, 51, 96, 100));
        assertThat(Latency.of(DoubleStream.of(10, 20)).orElseThrow().p95()).isCloseTo(19.5, within(1e-9));
        assertThat(Latency.of(DoubleStream.of(3))).contains(new Latency(3, 3, 3, 3));
        assertThat(Latency.of(DoubleStream.empty())).isEmpty();
    }

    @Test
    void aLoadIsSummedUpFromItsFirstSubmissionToItsLastEnd() {
        LoadResult result = new LoadResult(List.of(request(100, 20, 10, 9), request(0, 50, 25, 3)));
        assertThat(result.duration()).isEqualTo(Duration.ofMillis(200));
        assertThat(result.promptTokens()).isEqualTo(20);
        assertThat(result.cachedTokens()).isEqualTo(8);
        assertThat(result.generatedTokens()).isEqualTo(12);
        assertThat(result.requestsPerSecond()).isCloseTo(10, within(1e-9));
        assertThat(result.outputTokensPerSecond()).isCloseTo(60, within(1e-9));
        assertThat(result.totalTokensPerSecond()).isCloseTo(160, within(1e-9));
        assertThat(result.timeToFirstToken().orElseThrow().mean()).isCloseTo(35, within(1e-9));
        assertThat(result.timePerOutputToken().orElseThrow().mean()).isCloseTo(17.5, within(1e-9));
        // Eight gaps of 10 and two of 25.
        assertThat(result.interTokenLatency().orElseThrow().mean()).isCloseTo(13, within(1e-9));
        assertThat(result.endToEndLatency().orElseThrow().mean()).isCloseTo(100, within(1e-9));
    }

    @Test
    void anAnswerOfOneTokenHasNoTimeBetweenTokens() {
        LoadResult result = new LoadResult(List.of(request(0, 20, 10, 1)));
        assertThat(result.timePerOutputToken()).isEmpty();
        assertThat(result.interTokenLatency()).isEmpty();
        assertThat(result.goodput(GoodputBounds.parse("tpot:0.001"))).isPositive();
    }

    @Test
    void goodputCountsWhatStaysUnderEveryBound() {
        LoadResult result = new LoadResult(List.of(request(100, 20, 10, 9), request(0, 50, 25, 3)));
        assertThat(result.goodput(GoodputBounds.parse("ttft:50,tpot:25,e2el:100")))
                .isEqualTo(result.requestsPerSecond());
        assertThat(result.goodput(GoodputBounds.parse("ttft:49"))).isCloseTo(5, within(1e-9));
        assertThat(result.goodput(GoodputBounds.parse("tpot:24,e2el:1000"))).isCloseTo(5, within(1e-9));
        assertThat(result.goodput(GoodputBounds.parse("e2el:99.9"))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ttft", "ttft:", "ttft:-1", "ttft:NaN", "ttft:0", "itl:5", "ttft:1,ttft:2", "ttft:1,"})
    void boundsThatCannotBeAreRefused(String text) {
        assertThatThrownBy(() -> GoodputBounds.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Three requests whose clocks differ a little decode a token each in 10 ms: 300 tokens a second. */
    @Test
    void decodeCountsTheTimeInWhichAllDecode() {
        Target target = (prompt, tokens) -> {
            int number = prompt[0] % 3;
            List<Duration> gaps = Collections.nCopies(tokens - 1, Duration.ofMillis(10));
            // All get their tokens in the same steps; each says so from its own submission.
            Duration first = Duration.ofMillis(30).minusNanos(1000L * number);
            return new CompletedRequest(
                    1000L * number + 300L * number,
                    new Usage(prompt.length, 0, tokens, 0, 0),
                    new Timings(Duration.ZERO, first, gaps, first.plusMillis(10L * (tokens - 1))));
        };
        List<int[]> prompts =
                IntStream.range(0, 3).mapToObj(i -> new int[] {i, 7, 8}).toList();
        PhaseSpeeds speeds = PhaseSpeeds.measure(new LoadGenerator(target, count -> {}), prompts, 11);
        assertThat(speeds.prompt()).isCloseTo(3 * 3 / 0.03, within(0.1));
        assertThat(speeds.generation().orElseThrow()).isCloseTo(300, within(0.1));
    }
}
