package io.github.panllama.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgmlType;
import java.lang.management.ManagementFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DecodeLoopTest {
    private static final int SEQUENCES = 3;

    private static BenchmarkModel file;
    private static LlamaModel model;

    @BeforeAll
    static void open() {
        file = BenchmarkModel.write(GgmlType.Q8_0);
        model = LlamaModel.load(file.file());
    }

    @AfterAll
    static void close() {
        model.close();
        file.close();
    }

    @Test
    void everyRunSamplesTheSame() {
        try (DecodeLoop loop = new DecodeLoop(model, Workload.of(SEQUENCES))) {
            Run first = loop.run();
            Run second = loop.run();
            assertThat(second.checksum()).isEqualTo(first.checksum());
            assertThat(first.nanos()).isPositive();
        }
    }

    /** In the interpreter too. What the JVM allocates once, as when it links a call, passes with a few rounds. */
    @Test
    void aStepAllocatesNothing() {
        try (DecodeLoop loop = new DecodeLoop(model, Workload.of(SEQUENCES))) {
            loop.start();
            assertThat(IntStream.range(0, 50).mapToLong(round -> allocatedBy(loop, 100)))
                    .contains(0L);
        }
    }

    private static long allocatedBy(DecodeLoop loop, int steps) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < steps; i++) {
            loop.stepOrStart();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
