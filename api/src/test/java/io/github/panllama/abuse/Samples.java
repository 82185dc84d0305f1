package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.BatchSampler;
import io.github.panllama.ContextMemory;
import io.github.panllama.ContextOptions;
import io.github.panllama.ContextState;
import io.github.panllama.ControlVector;
import io.github.panllama.Device;
import io.github.panllama.Drafter;
import io.github.panllama.Embedding;
import io.github.panllama.FillInMiddle;
import io.github.panllama.GenerationRequest;
import io.github.panllama.GenerationResult;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Logits;
import io.github.panllama.LoraAdapter;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryPlanner;
import io.github.panllama.MemoryUse;
import io.github.panllama.ModelOptions;
import io.github.panllama.ModelTrust;
import io.github.panllama.ProgressListener;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.StateCopy;
import io.github.panllama.StreamingDecoder;
import io.github.panllama.TextGenerator;
import io.github.panllama.Tokenizer;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.embedding.Normalization;
import io.github.panllama.embedding.RankedDocument;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.embedding.RerankerOptions;
import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.Distribution;
import io.github.panllama.evaluation.EvaluationListener;
import io.github.panllama.evaluation.PerplexityResult;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.TaskResult;
import io.github.panllama.evaluation.WindowOptions;
import io.github.panllama.synthetic.Architecture;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Type;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A valid value of every type that the API takes, and a live object of every type whose methods it has. */
final class Samples implements AutoCloseable {
    /** Code that makes a value. */
    @FunctionalInterface
    interface Maker {
        Object make(Samples samples) throws Exception;
    }

    private static final Map<String, Maker> MAKERS = makers();
    private static final long MOST_NANOS = 5_000_000_000L;

    private final AbuseFixture fixture;
    private final boolean alone;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private @Nullable LlamaModel own;

    /** Samples of the model that all cases share. */
    Samples(AbuseFixture fixture) {
        this(fixture, false);
    }

    /**
     * Samples.
     *
     * @param alone whether they are of a model of their own, which closes with them
     */
    Samples(AbuseFixture fixture, boolean alone) {
        this.fixture = fixture;
        this.alone = alone;
    }

    AbuseFixture fixture() {
        return fixture;
    }

    /** What is open, the last one first. */
    List<AutoCloseable> open() {
        return List.copyOf(open);
    }

    /** The model that the samples are of. */
    LlamaModel model() {
        if (!alone) {
            return fixture.model();
        }
        if (own == null) {
            own = (LlamaModel) keep(fixture.freshModel());
        }
        return own;
    }

    /** A copy of the model's file, which may be overwritten. */
    private Path file() throws IOException {
        Path copy = Files.copy(fixture.file(), fixture.newFile());
        open.push(() -> Files.deleteIfExists(copy));
        return copy;
    }

    /** Whether {@link #value} knows the type. */
    static boolean knows(Type type) {
        return MAKERS.containsKey(type.getTypeName())
                || (type instanceof Class<?> raw && (raw.isEnum() || raw.isPrimitive()));
    }

    Object value(Type type) throws Exception {
        if (type instanceof Class<?> raw && raw.isEnum()) {
            return raw.getEnumConstants()[0];
        }
        if (type instanceof Class<?> raw && raw.isPrimitive()) {
            return raw == boolean.class ? (Object) false : raw == int.class ? 2 : raw == long.class ? 1L : realOf(raw);
        }
        Maker maker = MAKERS.get(type.getTypeName());
        if (maker == null) {
            throw new AssertionError("no sample of " + type.getTypeName());
        }
        return keep(maker.make(this));
    }

    private static Object realOf(Class<?> type) {
        return type == float.class ? (Object) 0.5f : type == double.class ? (Object) 0.5 : (byte) 1;
    }

    /** Closes a value with the samples. */
    Object keep(Object value) {
        if (value instanceof AutoCloseable closeable && !open.contains(value) && value != fixture.model()) {
            open.push(closeable);
        }
        return value;
    }

    private LlamaContext context() {
        return (LlamaContext)
                keep(model().newContext(AbuseFixture.small().embeddings(true).build()));
    }

    private LlamaContext decoded() {
        return AbuseFixture.decoded(context(), 3);
    }

    private LoraAdapter adapter() {
        return (LoraAdapter) keep(LoraAdapter.load(model(), fixture.file(AbuseFiles.LORA)));
    }

    private static MemoryUse host() {
        return new MemoryUse("host", 0, 0, 0, 0, 0, 0);
    }

    private static Map<String, Maker> makers() {
        Map<String, Maker> makers = new HashMap<>();
        values(makers);
        natives(makers);
        pure(makers);
        FileSamples.register(makers);
        ChatSamples.register(makers);
        evaluation(makers);
        embedding(makers);
        EngineSamples.register(makers);
        GpuSamples.register(makers);
        return makers;
    }

    static void put(Map<String, Maker> makers, Class<?> type, Maker maker) {
        makers.put(type.getTypeName(), maker);
    }

    private static void values(Map<String, Maker> makers) {
        put(makers, String.class, samples -> "text");
        put(makers, byte[].class, samples -> new byte[] {1});
        put(makers, int[].class, samples -> new int[] {1});
        put(makers, int[][].class, samples -> new int[2][8]);
        put(makers, long[].class, samples -> new long[] {32});
        put(makers, float[].class, samples -> new float[64]);
        put(makers, double[].class, samples -> new double[] {1});
        put(makers, float[][].class, samples -> new float[2][64]);
        put(makers, Path.class, Samples::file);
        put(makers, LocalDateTime.class, samples -> LocalDateTime.of(2025, 3, 9, 14, 5));
        put(makers, Duration.class, samples -> Duration.ZERO);
        put(makers, Throwable.class, samples -> new IllegalStateException("cause"));
        put(makers, InputStream.class, samples -> new ByteArrayInputStream(new byte[8]));
        put(makers, OutputStream.class, samples -> new ByteArrayOutputStream());
        put(makers, WritableByteChannel.class, samples -> Channels.newChannel(new ByteArrayOutputStream()));
        put(makers, IntConsumer.class, samples -> (IntConsumer) token -> {});
        makers.put("java.util.function.Consumer<java.lang.String>", samples -> (Consumer<String>) text -> {});
        makers.put("java.util.List<java.lang.Integer>", samples -> List.of(1));
        makers.put("java.util.List<java.lang.Long>", samples -> List.of(32L));
        makers.put("java.util.List<java.lang.String>", samples -> List.of("text"));
        makers.put("java.util.List<java.nio.file.Path>", samples -> List.of(samples.file()));
        makers.put("java.util.List<io.github.panllama.Device>", samples -> List.of());
        makers.put("java.util.List<io.github.panllama.SamplerStage>", samples -> List.of(new SamplerStage.Greedy()));
        makers.put("java.util.Map<java.lang.Integer, java.lang.Float>", samples -> Map.of(1, 1f));
        makers.put(
                "java.util.Map<io.github.panllama.LoraAdapter, java.lang.Float>",
                samples -> Map.of(samples.adapter(), 1f));
    }

    private static void natives(Map<String, Maker> makers) {
        put(makers, LlamaModel.class, samples -> samples.model());
        put(makers, LlamaContext.class, samples -> samples.decoded());
        put(makers, Batch.class, samples -> samples.context().newBatch());
        put(makers, BatchSampler.class, samples -> BatchSampler.create(4, 1));
        put(makers, Drafter.class, samples -> Drafter.lookup(Drafter.Lookup.SIMPLE, 2, 4));
        put(makers, ContextMemory.class, samples -> samples.decoded().memory());
        put(makers, ContextState.class, samples -> samples.decoded().state());
        put(makers, StateCopy.class, samples -> samples.decoded().state().copy());
        put(makers, Device.class, samples -> Device.all().getFirst());
        put(makers, Embedding.class, samples -> samples.decoded().embedding(2));
        put(makers, Logits.class, samples -> samples.decoded().logits(2));
        put(makers, LoraAdapter.class, Samples::adapter);
        put(makers, Sampler.class, samples -> Sampler.greedy(samples.model()));
        put(makers, Sampler[].class, samples ->
                new Sampler[] {(Sampler) samples.value(Sampler.class), (Sampler) samples.value(Sampler.class)});
        put(
                makers,
                TextGenerator.class,
                samples ->
                        TextGenerator.of(samples.model(), AbuseFixture.small().build()));
        put(
                makers,
                MemoryPlanner.class,
                samples -> MemoryPlanner.open(samples.fixture.file(), ModelOptions.defaults()));
        put(makers, MemoryPlan.class, samples -> new MemoryPlan(List.of(host()), 256, 0, 1));
        put(makers, MemoryUse.class, samples -> host());
        makers.put("java.util.List<io.github.panllama.MemoryUse>", samples -> List.of(host()));
        put(makers, Tokenizer.class, samples -> samples.model().tokenizer());
        put(
                makers,
                StreamingDecoder.class,
                samples -> samples.model().tokenizer().newStreamingDecoder());
    }

    private LlamaModel model(String file) {
        return (LlamaModel) keep(LlamaModel.load(fixture.file(file)));
    }

    private static void embedding(Map<String, Maker> makers) {
        put(
                makers,
                Embedder.class,
                samples -> Embedder.of(samples.model(), EmbeddingCases.options().build()));
        put(makers, EmbedderOptions.class, samples -> EmbedderOptions.defaults());
        put(makers, EmbedderOptions.Builder.class, samples -> EmbedderOptions.builder());
        put(
                makers,
                Reranker.class,
                samples -> Reranker.of(
                        samples.model(AbuseFiles.RERANKER),
                        EmbeddingCases.rerankerOptions().build()));
        put(makers, RerankerOptions.class, samples -> RerankerOptions.defaults());
        put(makers, RerankerOptions.Builder.class, samples -> RerankerOptions.builder());
        put(makers, Normalization.class, samples -> Normalization.EUCLIDEAN);
        put(makers, RankedDocument.class, samples -> new RankedDocument(0, "text", 1, List.of(1f)));
        put(
                makers,
                FillInMiddle.class,
                samples -> FillInMiddle.builder(samples.model(AbuseFiles.GAPS)).build());
        put(makers, FillInMiddle.Builder.class, samples -> FillInMiddle.builder(samples.model(AbuseFiles.GAPS)));
        makers.put("java.util.List<int[]>", samples -> List.of(new int[] {1}));
        makers.put("java.util.List<java.lang.Float>", samples -> List.of(1f));
    }

    private static void evaluation(Map<String, Maker> makers) {
        Question question = Question.builder("text").answer("text").maxTokens(1).build();
        TaskResult result =
                new TaskResult(question, "text", Optional.of("text"), true, io.github.panllama.FinishReason.STOP, 1, 1);
        PerplexityResult perplexity = new PerplexityResult(1, 0, 0, 1, 1, 4, 8, Duration.ZERO);
        Distribution distribution = new Distribution(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        put(makers, Pattern.class, samples -> Pattern.compile("text"));
        put(makers, Question.class, samples -> question);
        put(makers, Question.Builder.class, samples -> Question.builder("text").answer("text"));
        put(makers, TaskResult.class, samples -> result);
        put(makers, TaskReport.class, samples -> new TaskReport(List.of(result), Duration.ZERO));
        put(makers, TaskOptions.class, samples -> TaskOptions.defaults());
        put(makers, TaskOptions.Builder.class, samples -> TaskOptions.builder());
        put(makers, WindowOptions.class, samples -> WindowOptions.defaults());
        put(makers, WindowOptions.Builder.class, samples -> WindowOptions.builder());
        put(makers, EvaluationListener.class, samples -> (EvaluationListener) progress -> true);
        put(makers, PerplexityResult.class, samples -> perplexity);
        put(makers, Distribution.class, samples -> distribution);
        put(
                makers,
                ComparisonResult.class,
                samples -> new ComparisonResult(perplexity, perplexity, 1, 0, distribution, 1, 0, 0));
        makers.put("java.util.Optional<java.lang.String>", samples -> Optional.of("text"));
        makers.put("java.util.List<io.github.panllama.evaluation.Question>", samples -> List.of(question));
        makers.put("java.util.List<io.github.panllama.evaluation.TaskResult>", samples -> List.of(result));
        makers.put("java.util.function.Consumer<io.github.panllama.ContextOptions$Builder>", samples ->
                (Consumer<ContextOptions.Builder>) builder -> {});
    }

    private static void pure(Map<String, Maker> makers) {
        put(makers, ContextOptions.class, samples -> AbuseFixture.small().build());
        put(makers, ContextOptions.Builder.class, samples -> ContextOptions.builder());
        put(makers, ModelOptions.class, samples -> ModelOptions.defaults());
        put(makers, ModelOptions.Builder.class, samples -> ModelOptions.builder());
        put(makers, SamplingOptions.class, samples -> SamplingOptions.greedy());
        put(makers, SamplingOptions.Builder.class, samples -> SamplingOptions.builder());
        put(
                makers,
                GenerationRequest.class,
                samples -> GenerationRequest.builder("text").maxTokens(1).build());
        put(makers, GenerationRequest.Builder.class, samples -> GenerationRequest.builder("text"));
        put(
                makers,
                GenerationResult.class,
                samples -> new GenerationResult(
                        "", List.of(), io.github.panllama.FinishReason.STOP, 1, Duration.ZERO, Duration.ZERO));
        put(makers, ControlVector.class, samples -> ControlVector.of(new float[1][64], 1, 1));
        put(makers, ProgressListener.class, samples -> (ProgressListener) fraction -> true);
        put(makers, SamplerStage.Dry.class, samples -> new SamplerStage.Dry(1, 2, 1, 1, List.of("\n")));
        put(
                makers,
                SamplerStage.ReasoningBudget.class,
                samples -> new SamplerStage.ReasoningBudget(1, "<think>", List.of("</think>"), "", ""));
        put(makers, SamplerStage[].class, samples -> new SamplerStage[] {new SamplerStage.Greedy()});
        put(makers, String[].class, samples -> new String[] {"0".repeat(64)});
        put(makers, ModelTrust.class, samples -> ModelTrust.VALIDATED);
        put(makers, Architecture.class, samples -> Architecture.LLAMA);
    }

    /** Closes all, what was made last first; what refuses because another thread is using it is asked again. */
    @Override
    public void close() {
        long begin = System.nanoTime();
        while (!open.isEmpty()) {
            try {
                open.element().close();
                open.pop();
            } catch (Exception e) {
                if (!(e instanceof IllegalStateException) || System.nanoTime() - begin > MOST_NANOS) {
                    throw new AssertionError("a sample could not be closed", e);
                }
                Thread.onSpinWait();
            }
        }
    }
}
