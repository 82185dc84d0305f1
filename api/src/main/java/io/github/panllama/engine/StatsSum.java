package io.github.panllama.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** The figures of an engine, which are those of its replicas together. */
final class StatsSum {
    private final List<EngineStats.Replica> replicas = new ArrayList<>();
    private final List<long[]> firsts = new ArrayList<>();
    private final List<long[]> gaps = new ArrayList<>();
    long preemptions;
    long deviceSampled;
    long hostSampled;
    long draftedTokens;
    long acceptedTokens;

    void add(EngineStats.Replica replica) {
        replicas.add(replica);
    }

    /** Nanoseconds to first tokens, and between others. */
    void addTimes(long[] someFirsts, long[] someGaps) {
        firsts.add(someFirsts);
        gaps.add(someGaps);
    }

    private long sum(ToLongFunction<EngineStats.Replica> figure) {
        return replicas.stream().mapToLong(figure).sum();
    }

    EngineStats stats(EngineStats.Sessions sessions, EngineTuning tuning) {
        return new EngineStats(
                (int) sum(EngineStats.Replica::active),
                (int) sum(EngineStats.Replica::queued),
                (int) sum(EngineStats.Replica::sequences),
                (int) Math.min(sum(EngineStats.Replica::cells), Integer.MAX_VALUE),
                (int) Math.min(sum(EngineStats.Replica::usedCells), Integer.MAX_VALUE),
                sum(EngineStats.Replica::steps),
                sum(EngineStats.Replica::completed),
                sum(EngineStats.Replica::promptTokens),
                sum(EngineStats.Replica::cachedTokens),
                sum(EngineStats.Replica::generatedTokens),
                deviceSampled,
                hostSampled,
                draftedTokens,
                acceptedTokens,
                replicas.stream()
                        .mapToDouble(EngineStats.Replica::tokensPerSecond)
                        .sum(),
                percentiles(firsts.stream()),
                percentiles(gaps.stream()),
                preemptions,
                sessions,
                tuning,
                replicas);
    }

    private static EngineStats.Percentiles percentiles(Stream<long[]> nanos) {
        long[] sorted = nanos.flatMapToLong(Arrays::stream).sorted().toArray();
        return new EngineStats.Percentiles(at(sorted, 0.5), at(sorted, 0.95), at(sorted, 0.99));
    }

    private static Duration at(long[] sorted, double share) {
        return sorted.length == 0
                ? Duration.ZERO
                : Duration.ofNanos(sorted[(int) Math.ceil(share * sorted.length) - 1]);
    }
}
