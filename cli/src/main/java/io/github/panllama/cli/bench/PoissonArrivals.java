package io.github.panllama.cli.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Times at which requests come that know nothing of each other: a Poisson process. */
public final class PoissonArrivals {
    private PoissonArrivals() {}

    /**
     * Times from the beginning on, in order.
     *
     * @param rate requests a second, on average
     * @param seed the same one gives the same times
     */
    public static List<Duration> of(double rate, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Duration> times = new ArrayList<>();
        double seconds = 0;
        for (int i = 0; i < count; i++) {
            seconds -= Math.log1p(-random.nextDouble()) / rate;
            times.add(Duration.ofNanos((long) (seconds * 1e9)));
        }
        return times;
    }
}
