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
import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationPlan;
import io.github.panllama.QuantizationType;
import io.github.panllama.QuantizedTensor;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.StateCopy;
import io.github.panllama.StreamingDecoder;
import io.github.panllama.TextGenerator;
import io.github.panllama.Tokenizer;
import io.github.panllama.chat.ChatFinish;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatOptions;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatReply;
import io.github.panllama.chat.ChatResult;
import io.github.panllama.chat.ChatRound;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.ChatTurn;
import io.github.panllama.chat.JsonBinding;
import io.github.panllama.chat.JsonSchema;
import io.github.panllama.chat.LlamaChat;
import io.github.panllama.chat.Reasoning;
import io.github.panllama.chat.ReplyStream;
import io.github.panllama.chat.Tool;
import io.github.panllama.chat.ToolCall;
import io.github.panllama.chat.ToolFunction;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.embedding.Normalization;
import io.github.panllama.embedding.RankedDocument;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.embedding.RerankerOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.EngineModel;
import io.github.panllama.engine.IsolatedOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.Distribution;
import io.github.panllama.evaluation.EvaluationListener;
import io.github.panllama.evaluation.PerplexityResult;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.TaskReport;
import io.github.panllama.evaluation.TaskResult;
import io.github.panllama.evaluation.WindowOptions;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValidator;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.gguf.TensorSource;
import io.github.panllama.synthetic.Architecture;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
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
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
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

    private GgufFile gguf() throws Exception {
        return GgufFile.read(fixture.file());
    }

    private static MemoryUse host() {
        return new MemoryUse("host", 0, 0, 0, 0, 0, 0);
    }

    private static GgufTensor tensor() {
        return new GgufTensor("t", List.of(32L), GgmlType.F32, 0, 128);
    }

    private static QuantizedTensor quantized() {
        return new QuantizedTensor("t", List.of(32L), GgmlType.F32, GgmlType.Q8_0, 128, 34, Optional.empty());
    }

    private static Map<String, Maker> makers() {
        Map<String, Maker> makers = new HashMap<>();
        values(makers);
        natives(makers);
        pure(makers);
        chat(makers);
        conversations(makers);
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
        makers.put("java.util.List<io.github.panllama.gguf.GgufValue$Array>", samples -> List.of(GgufValue.int32s(1)));
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

    private static void chat(Map<String, Maker> makers) {
        put(makers, ChatTemplate.class, samples -> ChatTemplate.of(samples.model()));
        put(
                makers,
                ChatPrompt.class,
                samples -> ChatTemplate.of(samples.model()).render(List.of(ChatMessage.user("text"))));
        put(makers, ReplyStream.class, samples -> ((ChatPrompt) samples.value(ChatPrompt.class)).newReplyStream());
        put(makers, ChatTemplateOptions.class, samples -> ChatTemplateOptions.defaults());
        put(makers, ChatTemplateOptions.Builder.class, samples -> ChatTemplateOptions.builder());
        put(makers, ChatMessage.class, samples -> ChatMessage.user("text"));
        put(makers, ChatReply.class, samples -> new ChatReply("text", "", List.of()));
        put(makers, ChatTool.class, samples -> new ChatTool("name", "", "{}"));
        put(makers, ToolFunction.class, samples -> (ToolFunction) arguments -> arguments);
        put(makers, Tool.class, samples -> Tool.of(new ChatTool("name", "", "{}"), arguments -> arguments));
        put(makers, JsonSchema.class, samples -> JsonSchema.of("{}"));
        put(makers, Object.class, samples -> "text");
        put(makers, Type.class, samples -> String.class);
        put(makers, Method.class, samples -> String.class.getMethod("length"));
        makers.put("java.lang.Class<A>", samples -> ToolCall.class);
        makers.put("java.util.function.Function<A, ?>", samples -> Function.identity());
        put(makers, ToolCall.class, samples -> new ToolCall("id", "name", "{}"));
        makers.put("java.util.List<io.github.panllama.chat.ChatMessage>", samples -> List.of(ChatMessage.user("text")));
        makers.put("java.util.List<io.github.panllama.chat.ChatTool>", samples -> List.of());
        makers.put("java.util.List<io.github.panllama.chat.ToolCall>", samples -> List.of());
        makers.put("java.util.List<io.github.panllama.chat.ReplyStream$ToolCallDelta>", samples -> List.of());
    }

    private static void conversations(Map<String, Maker> makers) {
        Usage usage = new Usage(1, 0, 1, 0, 0);
        Timings timings = new Timings(Duration.ZERO, Duration.ZERO, List.of(), Duration.ZERO);
        ChatReply reply = new ChatReply("text", "", List.of());
        ChatRound round =
                new ChatRound(reply, io.github.panllama.FinishReason.STOP, usage, timings, List.of(), List.of());
        put(makers, Usage.class, samples -> usage);
        put(makers, Timings.class, samples -> timings);
        put(makers, ChatRound.class, samples -> round);
        put(makers, ChatResult.class, samples -> new ChatResult(ChatFinish.STOP, List.of(round)));
        put(makers, Reasoning.class, samples -> Reasoning.on());
        put(makers, ChatOptions.class, samples -> ChatOptions.defaults());
        put(makers, ChatOptions.Builder.class, samples -> ChatOptions.builder());
        put(makers, LlamaEngine.class, Samples::engine);
        put(makers, IsolatedOptions.class, samples -> IsolatedOptions.defaults());
        put(makers, IsolatedOptions.Builder.class, samples -> IsolatedOptions.builder());
        put(makers, EngineModel.class, samples -> new EngineModel(List.of(), "llama", "", "", 1, 1, 1, 1, ""));
        put(makers, Session.class, samples -> ((LlamaEngine) samples.value(LlamaEngine.class)).openSession());
        put(
                makers,
                LlamaChat.class,
                samples -> LlamaChat.builder((LlamaEngine) samples.value(LlamaEngine.class))
                        .jsonBinding(new NoBinding())
                        .build());
        put(
                makers,
                LlamaChat.Builder.class,
                samples -> LlamaChat.builder((LlamaEngine) samples.value(LlamaEngine.class)));
        put(makers, ChatTurn.class, samples -> ((LlamaChat) samples.value(LlamaChat.class)).send("text"));
        put(makers, JsonBinding.class, samples -> new NoBinding());
        put(makers, SamplerStage.class, samples -> new SamplerStage.TopK(1));
        put(makers, OptionalInt.class, samples -> OptionalInt.empty());
        makers.put("java.lang.Class<T>", samples -> String.class);
        makers.put("java.util.List<io.github.panllama.chat.ChatRound>", samples -> List.of(round));
        makers.put("java.util.List<io.github.panllama.chat.Tool>", samples -> List.of());
        makers.put("java.util.function.Consumer<io.github.panllama.chat.ChatOptions$Builder>", samples ->
                (Consumer<ChatOptions.Builder>) builder -> {});
        makers.put("java.util.function.Consumer<io.github.panllama.engine.CompletionRequest$Builder>", samples ->
                (Consumer<CompletionRequest.Builder>) builder -> {});
    }

    /** Small, and of which nothing is measured. */
    private LlamaEngine engine() {
        return LlamaEngine.start(model(), EngineSamples.options().build());
    }

    /** A binding that has text alone. */
    private static final class NoBinding implements JsonBinding {
        @Override
        public String schema(Type type) {
            return "{\"type\": \"string\"}";
        }

        @Override
        public String schema(Method method) {
            return "{\"type\": \"object\"}";
        }

        @Override
        public Object read(String json, Type type) {
            return json;
        }

        @Override
        public List<Object> read(String json, Method method) {
            return List.of();
        }

        @Override
        public String write(Object value) {
            return "\"\"";
        }
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
        put(makers, GgufFile.class, Samples::gguf);
        makers.put("java.util.List<io.github.panllama.gguf.GgufFile>", samples -> List.of(samples.gguf()));
        makers.put(
                "java.util.Map<java.lang.String, io.github.panllama.gguf.GgufValue>",
                samples -> Map.of("key", new GgufValue.Text("text")));
        put(makers, GgufValidator.class, samples -> GgufValidator.of(samples.gguf()));
        put(
                makers,
                GgufValidator.Finding.class,
                samples -> new GgufValidator.Finding(GgufValidator.Rules.FORMAT, null));
        put(makers, String[].class, samples -> new String[] {"0".repeat(64)});
        put(makers, ModelTrust.class, samples -> ModelTrust.VALIDATED);
        put(makers, GgufMetadata.class, samples -> samples.gguf().metadata());
        put(makers, GgufTensor.class, samples -> tensor());
        put(makers, GgufValue.Array.class, samples -> GgufValue.int32s(1));
        put(makers, GgufValue.class, samples -> new GgufValue.Text("text"));
        put(makers, GgufWriter.class, samples -> new GgufWriter());
        put(makers, GgufEditor.class, samples -> GgufEditor.of(samples.gguf()));
        put(makers, GgufSplit.Limits.class, samples -> GgufSplit.Limits.ofTensors(1000));
        put(makers, InvalidGgufException.class, samples -> new InvalidGgufException("message", 0, null));
        put(
                makers,
                TensorSource.class,
                samples -> samples.gguf().source(samples.gguf().tensors().getFirst()));
        put(makers, TensorSource.Rows.class, samples -> (TensorSource.Rows) (index, row) -> {});
        put(makers, QuantizationOptions.class, samples -> QuantizationOptions.of(QuantizationType.Q8_0));
        put(makers, QuantizationOptions.Builder.class, samples -> QuantizationOptions.builder(QuantizationType.Q8_0));
        put(makers, QuantizedTensor.class, samples -> quantized());
        put(
                makers,
                QuantizationPlan.class,
                samples -> new QuantizationPlan(QuantizationType.Q8_0, List.of(quantized()), 1, 1, List.of()));
        makers.put("java.util.List<io.github.panllama.QuantizedTensor>", samples -> List.of(quantized()));
        makers.put("java.util.Optional<io.github.panllama.gguf.GgmlType>", samples -> Optional.of(GgmlType.F32));
        put(makers, Architecture.class, samples -> Architecture.LLAMA);
        put(makers, GgufType.class, samples -> GgufType.STRING);
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
