package io.github.panllama.bench;

import io.github.panllama.Batch;
import io.github.panllama.BatchSampler;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.Consumer;

/**
 * The loop that is measured: a token of each sequence, a decode, a greedy sample of each row, and again. Written as a
 * user of the API would; {@code decode_loop.c} is the same in C.
 *
 * <p>Not for use by several threads.
 */
final class DecodeLoop implements AutoCloseable {
    /** FNV-1a, over whole ids. */
    private static final long CHECKSUM_BASIS = 0xcbf29ce484222325L;

    private static final long CHECKSUM_PRIME = 0x100000001b3L;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Workload workload;
    private final LlamaContext context;
    private final Batch batch;
    private final BatchSampler batchSampler;
    private final Sampler[] samplers;
    private final int[] rows;
    private final int[] tokens;
    private int position;
    private long checksum;

    DecodeLoop(LlamaModel model, Workload workload) {
        this(model, workload, options -> {});
    }

    /** With other options of the context than the workload's own. */
    DecodeLoop(LlamaModel model, Workload workload, Consumer<ContextOptions.Builder> settings) {
        this.workload = workload;
        int sequences = workload.sequences();
        this.context = model.newContext(workload.contextOptions(settings));
        this.batch = context.newBatch();
        this.batchSampler = BatchSampler.create(sequences, 1);
        this.samplers = new Sampler[sequences];
        for (int s = 0; s < sequences; s++) {
            samplers[s] = Sampler.greedy(model);
        }
        this.rows = new int[sequences];
        this.tokens = new int[sequences];
    }

    /** Starts anew, takes the steps of the warm-up, and times the others. */
    Run run() {
        start();
        take(workload.warmUp());
        long beginCpu = THREADS.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        take(workload.steps());
        long end = System.nanoTime();
        long endCpu = THREADS.getCurrentThreadCpuTime();
        return new Run(end - begin, endCpu - beginCpu, checksum);
    }

    /** Begins every sequence with its prompt, whose tokens are printable ASCII of the synthetic vocabulary. */
    void start() {
        context.memory().clear();
        checksum = CHECKSUM_BASIS;
        batch.clear();
        for (int s = 0; s < workload.sequences(); s++) {
            for (int i = 0; i < workload.prompt(); i++) {
                rows[s] = batch.add(100 + (s * 31 + i * 7) % 90, i, s, i == workload.prompt() - 1);
            }
        }
        decodeAndSample();
        position = workload.prompt();
    }

    /** Takes a step; when the context is full, starts anew. */
    void stepOrStart() {
        if (position < workload.length()) {
            step();
        } else {
            start();
        }
    }

    private void take(int steps) {
        for (int i = 0; i < steps; i++) {
            step();
        }
    }

    private void step() {
        batch.clear();
        for (int s = 0; s < workload.sequences(); s++) {
            rows[s] = batch.add(tokens[s], position, s, true);
        }
        decodeAndSample();
        position++;
    }

    private void decodeAndSample() {
        context.decode(batch);
        int failed = batchSampler.sample(context, workload.sequences(), rows, samplers, tokens);
        if (failed != 0) {
            throw new IllegalStateException(batchSampler.error(0));
        }
        for (int token : tokens) {
            checksum = (checksum ^ token) * CHECKSUM_PRIME;
        }
    }

    @Override
    public void close() {
        for (Sampler sampler : samplers) {
            sampler.close();
        }
        batchSampler.close();
        batch.close();
        context.close();
    }
}
