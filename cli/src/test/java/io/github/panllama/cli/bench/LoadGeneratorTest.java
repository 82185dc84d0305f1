package io.github.panllama.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {
    private static final int TOKENS = 5;

    private static List<int[]> prompts(int count) {
        return IntStream.range(0, count).mapToObj(i -> new int[] {i}).toList();
    }

    private static CompletedRequest done(int tokens) {
        Duration time = Duration.ofMillis(tokens);
        List<Duration> gaps = Collections.nCopies(tokens - 1, Duration.ofMillis(1));
        return new CompletedRequest(
                System.nanoTime(), new Usage(1, 0, tokens, 0, 0), new Timings(time, Duration.ofMillis(1), gaps, time));
    }

    /** A client that found no other would wait at the barrier for ever. */
    @Test
    void aClosedLoopHasAsManyRequestsInFlightAsClientsAndNoMore() {
        int clients = 4;
        CyclicBarrier all = new CyclicBarrier(clients);
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger told = new AtomicInteger();
        Target target = (prompt, tokens) -> {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            try {
                all.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new IllegalStateException(e);
            }
            inFlight.decrementAndGet();
            return done(tokens);
        };
        List<CompletedRequest> ended =
                new LoadGenerator(target, told::set).closedLoop(clients, prompts(3 * clients), TOKENS);
        assertThat(ended).hasSize(3 * clients);
        assertThat(most).hasValue(clients);
        assertThat(told).hasValue(3 * clients);
        assertThat(new LoadResult(ended).generatedTokens()).isEqualTo(3L * clients * TOKENS);
    }

    @Test
    void theFirstFailureEndsALoadAndIsThrown() {
        AtomicInteger sent = new AtomicInteger();
        Target target = (prompt, tokens) -> {
            if (sent.incrementAndGet() == 3) {
                throw new IllegalStateException("the third");
            }
            return done(tokens);
        };
        assertThatThrownBy(() -> new LoadGenerator(target, count -> {}).closedLoop(1, prompts(100), TOKENS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the third");
        assertThat(sent).hasValue(3);
    }

    @Test
    void aCancelledLoadDoesNotWaitForWhatIsStillToCome() {
        AtomicReference<LoadGenerator> self = new AtomicReference<>();
        LoadGenerator generator = new LoadGenerator(
                (prompt, tokens) -> done(tokens), count -> self.get().cancel());
        self.set(generator);
        assertThatThrownBy(() -> generator.openLoop(List.of(Duration.ZERO, Duration.ofDays(1)), prompts(2), TOKENS))
                .isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> generator.closedLoop(1, prompts(2), TOKENS)).isInstanceOf(CancellationException.class);
    }

    @Test
    void anOpenLoopSendsWithoutWaitingForAnswers() {
        CyclicBarrier all = new CyclicBarrier(6);
        Target target = (prompt, tokens) -> {
            try {
                all.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new IllegalStateException(e);
            }
            return done(tokens);
        };
        List<Duration> arrivals = PoissonArrivals.of(1e4, 6, 1);
        assertThat(new LoadGenerator(target, count -> {}).openLoop(arrivals, prompts(6), TOKENS))
                .hasSize(6);
    }

    @Test
    void arrivalsAreThoseOfAPoissonProcess() {
        int count = 20_000;
        double rate = 50;
        List<Duration> arrivals = PoissonArrivals.of(rate, count, 7);
        assertThat(arrivals).isSorted().isEqualTo(PoissonArrivals.of(rate, count, 7));
        assertThat(arrivals).isNotEqualTo(PoissonArrivals.of(rate, count, 8));
        double[] gaps = IntStream.range(1, count)
                .mapToDouble(i -> arrivals.get(i).minus(arrivals.get(i - 1)).toNanos() / 1e9)
                .toArray();
        double mean = IntStream.range(0, gaps.length)
                .mapToDouble(i -> gaps[i])
                .average()
                .orElseThrow();
        double squares = IntStream.range(0, gaps.length)
                .mapToDouble(i -> gaps[i] * gaps[i])
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(1 / rate, within(0.03 / rate));
        // Of an exponential distribution the deviation equals the mean.
        assertThat(Math.sqrt(squares - mean * mean)).isCloseTo(mean, within(0.05 * mean));
    }
}
