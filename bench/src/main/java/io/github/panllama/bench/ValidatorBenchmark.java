package io.github.panllama.bench;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Reading and checking the header of a model with 150,000 tokens: as the first thing that a JVM does, and as one of many.
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@NullUnmarked // JMH sets the fields
public class ValidatorBenchmark {
    private static final String FILE = "panllama.bench.header";

    private Path file;

    /** The file that {@link #main} wrote: not even writing it warms this JVM up. */
    @Setup
    public void find() {
        file = Path.of(System.getProperty(FILE));
    }

    /** The first file of a JVM. */
    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @Warmup(iterations = 0)
    @Measurement(iterations = 1)
    @Fork(20)
    public GgufFile cold() throws IOException {
        return check();
    }

    /** Any later one. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @Warmup(iterations = 5, time = 2)
    @Measurement(iterations = 5, time = 2)
    @Fork(2)
    public GgufFile warm() throws IOException {
        return check();
    }

    private GgufFile check() throws IOException {
        GgufFile header = GgufFile.read(file);
        GgufValidator.of(header).validate();
        return header;
    }

    /** Runs both. */
    public static void main(String[] args) throws IOException, RunnerException {
        Path file = Files.createTempFile("panllama-header", ".gguf");
        try {
            LargeHeader.write(file);
            System.out.printf("header: %d bytes%n", GgufFile.read(file).dataOffset());
            new Runner(new OptionsBuilder()
                            .include(ValidatorBenchmark.class.getName())
                            .jvmArgsAppend("-D" + FILE + "=" + file)
                            .build())
                    .run();
        } finally {
            Files.delete(file);
        }
    }
}
