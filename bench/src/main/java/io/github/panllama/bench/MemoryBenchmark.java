package io.github.panllama.bench;

import io.github.panllama.Batch;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoadMode;
import io.github.panllama.MemoryPlan;
import io.github.panllama.ModelOptions;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Plans of memory against what a process then takes: for each setting a new JVM with a fixed heap loads the model, fills
 * the context, and tells by how much its anonymous memory has grown.
 */
final class MemoryBenchmark {
    private static final double MIB = 1 << 20;
    /** Of what is taken; more is a failure. */
    private static final double LIMIT = 0.05;

    /** Else glibc keeps up to 32 MB of what was freed, for blocks to come. */
    private static final String GIVEN_BACK = Integer.toString(1 << 20);

    private static final String GROWN = "grown ";
    private static final List<String> FIXED_HEAP = List.of(
            "-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private MemoryBenchmark() {}

    /** Arguments: none to measure all, or what {@link #measure} is told. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length > 0) {
            measure(Path.of(args[0]), Path.of(args[1]), MemorySetting.all().get(Integer.parseInt(args[2])));
            return;
        }
        Path folder = Files.createTempDirectory("panllama-memory");
        Path small = folder.resolve("small.gguf");
        Path large = folder.resolve("large.gguf");
        try {
            SyntheticModel.builder(Architecture.LLAMA).write(small);
            writeLarge(large);
            if (!compareAll(small, large)) {
                System.exit(1);
            }
        } finally {
            Files.deleteIfExists(small);
            Files.deleteIfExists(large);
            Files.delete(folder);
        }
    }

    /** Large enough for a JVM's own memory to be little beside it. */
    private static void writeLarge(Path file) throws IOException {
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(1024)
                .layers(4)
                .heads(16)
                .kvHeads(8)
                .headLength(64)
                .ropeLength(64)
                .valueLength(64)
                .feedForwardLength(1024)
                .contextLength(32_768)
                .weightType(GgmlType.Q8_0)
                .write(file);
    }

    private static ModelOptions model() {
        return ModelOptions.builder().gpuLayers(0).loadMode(LoadMode.READ).build();
    }

    private static boolean compareAll(Path small, Path large) throws IOException, InterruptedException {
        System.out.println("| setting | weights | cache | compute | output | planned MiB | taken MiB | difference |");
        System.out.println("|---|--:|--:|--:|--:|--:|--:|--:|");
        boolean close = true;
        List<MemorySetting> settings = MemorySetting.all();
        for (int i = 0; i < settings.size(); i++) {
            MemoryPlan plan = MemoryPlan.of(large, model(), settings.get(i).options());
            long taken = fork(small, large, i);
            double difference = (plan.total() - taken) / (double) taken;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %+.1f %% |%n",
                    settings.get(i).name(),
                    plan.host().weights() / MIB,
                    plan.host().cache() / MIB,
                    plan.host().compute() / MIB,
                    plan.host().output() / MIB,
                    plan.total() / MIB,
                    taken / MIB,
                    100 * difference);
            close &= Math.abs(difference) <= LIMIT;
        }
        return close;
    }

    private static long fork(Path small, Path large, int setting) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FIXED_HEAP);
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Dpanllama.library.path=" + System.getProperty("panllama.library.path"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MemoryBenchmark.class.getName()));
        command.addAll(List.of(small.toString(), large.toString(), Integer.toString(setting)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", GIVEN_BACK);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("measuring failed: " + output);
        }
        return Long.parseLong(output.lines()
                .filter(line -> line.startsWith(GROWN))
                .findFirst()
                .orElseThrow()
                .substring(GROWN.length()));
    }

    private static void measure(Path small, Path large, MemorySetting setting) throws IOException {
        use(small, setting, false); // classes, compiled code, the thread's buffers
        long before = anonymousBytes();
        System.out.println(GROWN + (use(large, setting, true) - before));
    }

    /** Fills a context and answers what the process has then. */
    private static long use(Path file, MemorySetting setting, boolean whole) throws IOException {
        try (LlamaModel model = LlamaModel.load(file, model());
                LlamaContext context = model.newContext(setting.options());
                Batch batch = context.newBatch()) {
            int each = whole ? context.contextSize() / setting.sequences() : setting.batchSize() / setting.sequences();
            int step = Math.max(1, batch.capacity() / setting.sequences());
            for (int from = 0; from < each; from += step) {
                batch.clear();
                for (int sequence = 0; sequence < setting.sequences(); sequence++) {
                    for (int position = from; position < Math.min(each, from + step); position++) {
                        batch.add((position * 7 + sequence) % 400, position, sequence, position == each - 1);
                    }
                }
                context.decode(batch);
                context.synchronize();
            }
            return anonymousBytes();
        }
    }

    private static long anonymousBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
