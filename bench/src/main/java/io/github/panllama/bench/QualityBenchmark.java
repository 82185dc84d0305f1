package io.github.panllama.bench;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationType;
import io.github.panllama.Quantizer;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.QuestionFile;
import io.github.panllama.gguf.GgmlType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What smaller weights, a smaller KV cache and fewer active experts cost in quality and give in speed, as Markdown
 * tables. The first line of each table is the reference of the others.
 */
public final class QualityBenchmark {
    private static final List<QuantizationType> TYPES = List.of(
            QuantizationType.BF16,
            QuantizationType.Q8_0,
            QuantizationType.Q6_K,
            QuantizationType.Q5_K_M,
            QuantizationType.Q5_0,
            QuantizationType.Q4_K_M,
            QuantizationType.IQ4_XS,
            QuantizationType.Q4_0,
            QuantizationType.Q3_K_M,
            QuantizationType.Q2_K);

    private final Path file;
    private final Path questions;
    private final Set<String> skills;
    private final int rounds;
    private final Set<String> tables;
    private final Path folder;

    private QualityBenchmark(String[] args, Path folder) {
        this.file = Path.of(args[0]);
        this.questions = Path.of(args[1]);
        this.skills = Set.of(args[2].split(","));
        this.rounds = Integer.parseInt(args[3]);
        this.tables = Set.of(args[4].split(","));
        this.folder = folder;
    }

    /**
     * Runs the benchmark.
     *
     * @param args a model in F16, a file of questions, the skills that the model has, how often each speed is measured,
     *     and which tables to print: weights, cache, experts
     */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("panllama-quality");
        try {
            new QualityBenchmark(args, folder).run();
        } finally {
            try (var left = Files.list(folder)) {
                for (Path each : left.toList()) {
                    Files.delete(each);
                }
            }
            Files.delete(folder);
        }
    }

    private void run() throws IOException {
        Experts experts;
        QualityMeasurement measurement;
        try (LlamaModel model = LlamaModel.load(file)) {
            List<Question> asked = QuestionFile.read(questions, model).stream()
                    .filter(question -> skills.contains(question.skill()))
                    .toList();
            measurement = new QualityMeasurement(asked, rounds);
            experts = Experts.of(model);
        }
        System.out.printf("%n### %s%n", file.getFileName());
        if (tables.contains("weights")) {
            new QualityTable("Weights", "weights", "bytes").print(measurement.of(weights()));
        }
        if (tables.contains("cache")) {
            new QualityTable("KV cache", "KV cache", "bytes a token").print(measurement.of(caches()));
        }
        if (tables.contains("experts") && experts.count() > 0) {
            new QualityTable("Active experts", "active experts", "bytes").print(measurement.of(experts(experts)));
        }
    }

    private List<Candidate> weights() throws IOException {
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(ofWeights("F16", file));
        for (QuantizationType type : TYPES) {
            candidates.add(quantized(type.name(), QuantizationOptions.of(type)));
        }
        candidates.add(quantized(
                "Q4_0, embedding Q8_0",
                QuantizationOptions.builder(QuantizationType.Q4_0)
                        .tokenEmbeddingType(GgmlType.Q8_0)
                        .build()));
        candidates.add(quantized(
                "Q8_0, feed-forward Q4_0",
                QuantizationOptions.builder(QuantizationType.Q8_0)
                        .tensorType("ffn", GgmlType.Q4_0)
                        .build()));
        candidates.add(quantized(
                "Q8_0, attention Q4_0",
                QuantizationOptions.builder(QuantizationType.Q8_0)
                        .tensorType("attn", GgmlType.Q4_0)
                        .build()));
        return candidates;
    }

    private Candidate quantized(String label, QuantizationOptions options) throws IOException {
        Path target = folder.resolve(label.replaceAll("\\W+", "-") + ".gguf");
        Quantizer.quantize(file, target, options);
        return ofWeights(label, target);
    }

    private static Candidate ofWeights(String label, Path file) throws IOException {
        return new Candidate(label, Files.size(file), file, ModelOptions.defaults(), options -> {});
    }

    /** With flash attention throughout, which quantised values need. */
    private List<Candidate> caches() throws IOException {
        long values;
        try (LlamaModel model = LlamaModel.load(file)) {
            values = (long) model.layers() * model.keyValueHeads() * (model.embeddingLength() / model.attentionHeads());
        }
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(cache(KvCacheType.F16, KvCacheType.F16, values));
        for (KvCacheType type : KvCacheType.values()) {
            if (type.isQuantized()) {
                candidates.add(cache(type, type, values));
            }
        }
        candidates.add(cache(KvCacheType.Q8_0, KvCacheType.Q4_0, values));
        return candidates;
    }

    private Candidate cache(KvCacheType keys, KvCacheType values, long width) {
        String label = keys == values ? keys.name() : "keys " + keys + ", values " + values;
        long bytes = GgmlType.valueOf(keys.name()).byteSize(width)
                + GgmlType.valueOf(values.name()).byteSize(width);
        Consumer<ContextOptions.Builder> settings =
                options -> options.kvCacheType(keys, values).flashAttention(FlashAttention.ENABLED);
        return new Candidate(label, bytes, file, ModelOptions.defaults(), settings);
    }

    /** The experts of a layer, and how many of them the model was trained to use; 0 for a model without. */
    private record Experts(int count, int used) {
        static Experts of(LlamaModel model) {
            return new Experts(number(model, "expert_count"), number(model, "expert_used_count"));
        }

        private static int number(LlamaModel model, String key) {
            return Integer.parseInt(
                    model.metadata(model.architecture() + '.' + key).orElse("0"));
        }
    }

    /** The number that the model was trained with comes first. */
    private List<Candidate> experts(Experts experts) throws IOException {
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(withExperts(experts.used() + ", as trained", experts.used()));
        for (int active = 1; active <= experts.count(); active++) {
            if (active != experts.used()) {
                candidates.add(withExperts(Integer.toString(active), active));
            }
        }
        return candidates;
    }

    private Candidate withExperts(String label, int active) throws IOException {
        ModelOptions options = ModelOptions.builder().activeExperts(active).build();
        return new Candidate(label, Files.size(file), file, options, settings -> {});
    }
}
