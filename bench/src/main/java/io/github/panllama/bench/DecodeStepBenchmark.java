package io.github.panllama.bench;

import com.sun.management.ThreadMXBean;
import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgmlType;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One step: a token of each sequence added to the batch, decoded, and a greedy sample of each row.
 *
 * <p>JMH's gc profiler also counts what JMH itself allocates, some kilobytes an iteration, which shows where a step is
 * long. {@link Allocated} counts the steps alone, to the byte.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@NullUnmarked // JMH sets the fields
public class DecodeStepBenchmark {
    /** Sequences that are decoded together. */
    @Param({"1", "8", "32"})
    public int sequences;

    private BenchmarkModel file;
    private LlamaModel model;
    private DecodeLoop loop;

    /** Makes the model and starts the sequences. */
    @Setup
    public void open() {
        file = BenchmarkModel.write(GgmlType.Q8_0);
        model = LlamaModel.load(file.file());
        loop = new DecodeLoop(model, Workload.of(sequences));
        // The JVM specialises a method handle, and allocates for that, once: at its 128th call.
        for (int i = 0; i < 200; i++) {
            loop.start();
        }
    }

    /** What the thread allocates within steps. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Allocated {
        private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        /** Steps of the iteration. */
        public long steps;

        /** Bytes that they allocated. */
        public long bytes;

        void add(DecodeLoop loop) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            loop.stepOrStart();
            bytes += THREADS.getCurrentThreadAllocatedBytes() - before;
            steps++;
        }
    }

    /** Frees it all. */
    @TearDown
    public void close() {
        loop.close();
        model.close();
        file.close();
    }

    /** A step; once the context is full, the prompts anew. */
    @Benchmark
    public void step(Allocated allocated) {
        allocated.add(loop);
    }
}
