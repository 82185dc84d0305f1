package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.bindings.NativeLog;
import io.github.panllama.engine.EngineTuning.Source;
import io.github.panllama.engine.EngineTuning.Trial;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fastest of the ways to compute that an engine's options leave open, by measuring a few steps of each. The
 * obvious ones are several times slower on some machines: a second thread where two processors are one core, flash
 * attention on some processors, one KV cache for many sequences that have nothing in common.
 *
 * <p>It ends after its {@linkplain #limit limit}, whatever it knows by then: of what was not measured, what is good as a rule is taken.
 */
final class Calibration {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");
    /** How long it may take in all, on the CPU. */
    private static final Duration LIMIT = Duration.ofMillis(300);
    /**
     * And on a GPU, where a context takes longer to make, and loading a model longer still: enough for a model of 7 billion
     * parameters, whose tokens take some milliseconds.
     */
    private static final Duration GPU_LIMIT = Duration.ofSeconds(2);

    /** What was found by an earlier way of measuring is not believed. */
    static final int METHOD = 7;

    /** The KV cache of a trial takes no more than this. */
    private static final long TRIAL_BYTES = 256L << 20;

    /** Enough sequences to tell by. */
    private static final int MOST_SEQUENCES = 16;

    private static final int WARM_UP = 1;
    private static final int STEPS = 3;
    private static final int SINGLE_STEPS = 10;
    /** More threads have to be that much faster: they are taken from others, and may be slow at another time. */
    private static final double WORTH = 0.9;
    /** One cache for all has to be that much faster. */
    private static final double WORTH_SHARING = 0.6;
    /**
     * The part of the limit that a single token takes, from which on the number of threads matters most, and there is no
     * time for prompts and all the ways.
     */
    private static final double SLOW = 0.01;

    private static final int SLOW_SEQUENCES = 4;
    private static final int SLOW_STEPS = 2;

    private final LlamaModel model;
    private final EngineOptions options;
    private final ContextOptions given;
    private final boolean mayBeSplit;
    private final int sequences;
    private final long end;
    /** Microseconds of a single token, from which on steps are slow ones. */
    private final double slowFrom;

    private final List<Trial> trials = new ArrayList<>();
    private final int usualThreads;
    private final int batchThreads;
    private boolean slow;
    /** Microseconds of a single token, which the warm-up has told. */
    private double single;

    private boolean complete;

    /**
     * A calibration.
     *
     * @param mayBeSplit whether sequences with rooms of their own would have room enough
     * @param limit how long it may take from now on
     */
    Calibration(LlamaModel model, EngineOptions options, ContextOptions given, boolean mayBeSplit, Duration limit) {
        end = System.nanoTime() + limit.toNanos();
        slowFrom = limit.toNanos() / 1e3 * SLOW;
        this.model = model;
        this.options = options;
        this.given = given;
        this.mayBeSplit = mayBeSplit;
        long bytes = TrialContext.CELLS
                * model.kvCacheBytesPerToken(KvCacheType.F16, KvCacheType.F16).orElse(1 << 16);
        sequences = Math.clamp(TRIAL_BYTES / Math.max(bytes, 1), 1, Math.min(options.sequences, MOST_SEQUENCES));
        // Counting all processors is wrong where two are one core.
        usualThreads = given.threads().orElse(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        batchThreads = given.batchThreads().orElse(usualThreads);
    }

    /** How long measuring may take where the model is on a GPU, or is not. */
    static Duration limit(boolean offloaded) {
        return offloaded ? GPU_LIMIT : LIMIT;
    }

    /** One way to compute. */
    private record Way(boolean flashAttention, boolean unified) {}

    EngineTuning run() {
        List<Way> ways = ways();
        if (ways.size() == 1 && given.threads().isPresent()) {
            return tuning(ways.getFirst(), usualThreads, batchThreads, Source.GIVEN);
        }
        try (Deadline deadline = new Deadline();
                NativeLog.Subdued _ = NativeLog.subdue()) {
            return best(ways, deadline);
        }
    }

    private EngineTuning best(List<Way> ways, Deadline deadline) {
        Way best = ways.getFirst();
        double least = Double.POSITIVE_INFINITY;
        TrialContext fastest = null;
        try {
            for (Way way : ways) {
                if (way.unified != ways.getFirst().unified && way.flashAttention != best.flashAttention) {
                    continue; // what is slower in the one cache is so in the other
                }
                TrialContext trial = deadline.hasPassed() ? null : open(way, deadline);
                if (trial != null && slow) {
                    best = way;
                    fastest = trial;
                    break;
                }
                double micros =
                        trial == null ? Double.POSITIVE_INFINITY : measure(trial, way, usualThreads, sequences, STEPS);
                // A cache for all falls behind as sequences get longer and more, which a trial does not show.
                if (micros < (way.unified == best.unified ? least : WORTH_SHARING * least)) {
                    close(fastest);
                    least = micros;
                    best = way;
                    fastest = trial;
                } else {
                    close(trial);
                }
            }
            if (fastest == null) {
                return tuning(best, usualThreads, batchThreads, Source.ASSUMED);
            }
            deadline.watch(fastest.context());
            EngineTuning tuning = withThreads(fastest, best);
            complete = !deadline.hasPassed();
            return tuning;
        } finally {
            close(fastest);
        }
    }

    private static void close(@Nullable TrialContext trial) {
        if (trial != null) {
            trial.close();
        }
    }

    /** Whether there was time for all that was to be measured. */
    boolean isComplete() {
        return complete;
    }

    /** The likeliest first. */
    private List<Way> ways() {
        boolean quantised =
                given.valueCacheType().filter(KvCacheType::isQuantized).isPresent();
        List<Boolean> flash = given.flashAttention()
                .filter(when -> when != FlashAttention.AUTO)
                .map(when -> List.of(when == FlashAttention.ENABLED))
                .orElse(quantised ? List.of(true) : List.of(true, false));
        List<Boolean> unified = given.unifiedKvCache().map(List::of).orElseGet(this::caches);
        return unified.stream()
                .flatMap(one -> flash.stream().map(when -> new Way(when, one)))
                .toList();
    }

    private List<Boolean> caches() {
        if (options.sequences == 1) {
            // The same, but for llama.cpp's looking through 256 sequences by 256 in each step of a unified one.
            return List.of(false);
        }
        return mayBeSplit ? List.of(false, true) : List.of(true);
    }

    private EngineTuning tuning(Way way, int threads, int batchThreads, Source source) {
        return new EngineTuning(threads, batchThreads, way.flashAttention, way.unified, source, trials);
    }

    private EngineTuning withThreads(TrialContext trial, Way way) {
        int one = usualThreads;
        int batch = batchThreads;
        if (given.threads().isEmpty()) {
            one = fastest(trial, way, 1, slow ? SLOW_STEPS : SINGLE_STEPS);
            batch = one;
            // What pays for a single token pays for several.
            if (sequences > 1 && !(slow && one > usualThreads)) {
                batch = fastest(trial, way, slow ? Math.min(sequences, SLOW_SEQUENCES) : sequences, STEPS);
            }
        }
        return tuning(way, one, batch, trials.isEmpty() ? Source.ASSUMED : Source.MEASURED);
    }

    /** From the usual number up as long as it pays, and else down. Without time nothing pays. */
    private int fastest(TrialContext trial, Way way, int rows, int steps) {
        int best = usualThreads;
        double least = slow && rows == 1 ? told(way) : measure(trial, way, best, rows, steps);
        int most = Runtime.getRuntime().availableProcessors();
        for (int threads = 2 * best; threads <= most; threads *= 2) {
            double micros = measure(trial, way, threads, rows, steps);
            if (!(micros < WORTH * least)) {
                break;
            }
            least = micros;
            best = threads;
        }
        for (int threads = best / 2; threads >= 1 && best <= usualThreads; threads /= 2) {
            double micros = measure(trial, way, threads, rows, steps);
            if (micros == Double.POSITIVE_INFINITY || micros * WORTH > least) {
                break;
            }
            least = micros;
            best = threads;
        }
        return best;
    }

    /** Where steps are slow, the warm-up's were as good as others. */
    private double told(Way way) {
        trials.add(new Trial(usualThreads, way.flashAttention, way.unified, 1, single));
        return single;
    }

    /** A context with prompts; {@code null} where there is no time for them, or the model cannot do it that way. */
    private @Nullable TrialContext open(Way way, Deadline deadline) {
        TrialContext trial = null;
        try {
            ContextOptions.Builder settings = ContextOptions.builder();
            options.context.accept(settings);
            settings.threads(usualThreads)
                    .flashAttention(way.flashAttention ? FlashAttention.ENABLED : FlashAttention.DISABLED)
                    .unifiedKvCache(way.unified);
            trial = new TrialContext(model, settings, sequences);
            deadline.watch(trial.context());
            single = trial.warmUp(slowFrom);
            if (trials.isEmpty()) {
                slow = single > slowFrom;
            }
            if (!slow) {
                trial.fill();
            }
            return trial;
        } catch (LlamaException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "Not measured: " + way, e);
            close(trial);
            return null;
        }
    }

    /** Microseconds of a step; infinitely many where there was no time to measure. */
    private double measure(TrialContext trial, Way way, int threads, int rows, int steps) {
        if (System.nanoTime() - end >= 0) {
            return Double.POSITIVE_INFINITY;
        }
        try {
            trial.context().setThreads(threads, threads);
            for (int i = 0; i < WARM_UP; i++) {
                trial.step(rows);
            }
            double sum = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < steps; i++) {
                double step = trial.step(rows);
                sum += step;
                least = Math.min(least, step);
            }
            // Of a few slow steps, one that is held up by others would decide.
            double micros = slow ? least : sum / steps;
            trials.add(new Trial(threads, way.flashAttention, way.unified, rows, micros));
            return micros;
        } catch (LlamaException e) {
            LOG.log(Level.DEBUG, "Not measured: " + way, e);
            return Double.POSITIVE_INFINITY;
        }
    }

    /** Breaks off the step that is being computed when the time is up. */
    private final class Deadline implements AutoCloseable {
        private final ScheduledExecutorService timer = new ScheduledThreadPoolExecutor(
                1,
                work -> Thread.ofPlatform()
                        .daemon()
                        .name("panllama-calibration")
                        .unstarted(work));
        private @Nullable ScheduledFuture<?> alarm;

        boolean hasPassed() {
            return System.nanoTime() - end >= 0;
        }

        void watch(LlamaContext context) {
            if (alarm != null) {
                alarm.cancel(false);
            }
            alarm = timer.schedule(() -> abort(context), end - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        private void abort(LlamaContext context) {
            try {
                context.abort();
            } catch (IllegalStateException e) {
                // It was closed in time.
            }
        }

        @Override
        public void close() {
            timer.shutdownNow();
        }
    }
}
