package com.example.quickstart;

import io.github.panllama.*;
import io.github.panllama.chat.*;
import io.github.panllama.evaluation.*;
import io.github.panllama.gguf.*;
import io.github.panllama.junit.*;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Every Java snippet of README.md and docs/, those of {@link EngineSnippets} aside, so that the compiler and
 * {@link SnippetsTest} see what they promise. The pages quote this file: {@code ci/DocsCheck.java} fails where a page
 * says something else.
 */
final class Snippets {
    private Snippets() {}

    // README.md

    static void readme() {
        try (LlamaModel model = LlamaModel.load(Path.of("model.gguf"));
                TextGenerator generator = TextGenerator.of(model)) {
            generator.generate("The capital of France is", System.out::print);
        }
    }

    // docs/chat.md

    static ChatReply chat(LlamaModel model, TextGenerator generator) {
        ChatTemplate template = ChatTemplate.of(model);
        ChatPrompt prompt = template.render(
                List.of(ChatMessage.system("Answer in one sentence."), ChatMessage.user("What is 47 + 85?")));

        ReplyStream stream = prompt.newReplyStream();
        generator.generate(GenerationRequest.builder(prompt.tokens())
                .onToken(token -> System.out.print(stream.append(token).content()))
                .build());
        System.out.println(stream.finish().content());
        ChatReply reply = stream.reply();
        return reply;
    }

    static ChatPrompt goOn(ChatTemplate template, List<ChatMessage> messages, ChatReply reply) {
        List<ChatMessage> conversation = new ArrayList<>(messages);
        conversation.add(reply.toMessage());
        conversation.add(ChatMessage.user("And plus 100?"));
        return template.render(conversation);
    }

    static ChatTemplateOptions chatOptions() {
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .thinking(false)
                .tools(List.of(new ChatTool(
                        "calculator",
                        "Works out an arithmetic expression.",
                        """
                        {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}""")))
                .reasoningEffort("low")
                .time(LocalDateTime.of(2026, 1, 1, 12, 0))
                .argument("custom_instructions", "\"Be kind.\"")
                .build();
        return options;
    }

    static SamplingOptions lessThinking(ChatTemplate template, List<ChatMessage> messages) {
        ChatPrompt prompt = template.render(messages);
        SamplingOptions.Builder sampling = SamplingOptions.defaultsBuilder();
        prompt.reasoningBudget(200).ifPresent(sampling::reasoningBudget);
        return sampling.build();
    }

    // docs/loading.md

    static void whatWasLoaded() {
        Llama.initialize();
        System.out.println(Llama.version() + " on " + Llama.platform());
        Llama.libraries().forEach(library -> System.out.println(library.path() + ": " + library.origin()));
        Llama.unavailable().forEach(missing -> System.out.println(missing.what() + ": " + missing.reason()));
    }

    static void requireGpu() {
        Device.requireGpu().forEach(gpu -> System.out.println(gpu + ", free: " + gpu.freeMemory()));
    }

    // docs/models.md

    static LlamaModel halfOnTheGpu(Path file) {
        ModelOptions options = ModelOptions.builder()
                .gpuLayers(20)
                .loadMode(LoadMode.READ)
                .checkTensors(true)
                .progress(fraction -> !Thread.interrupted())
                .build();
        return LlamaModel.load(file, options);
    }

    static ModelOptions twoGpus() {
        return ModelOptions.builder()
                .devices(Device.gpus())
                .splitMode(SplitMode.LAYER)
                .tensorSplit(3, 1)
                .build();
    }

    static ModelOptions experts() {
        return ModelOptions.builder()
                .gpuLayers(ModelOptions.ALL_LAYERS)
                .expertsOnCpu()
                .activeExperts(4)
                .build();
    }

    static ModelOptions placements(Device cpu) {
        return ModelOptions.builder()
                .placeTensors("^token_embd\\.weight$", cpu)
                .placeTensors("^blk\\.[01]\\.ffn_", cpu)
                .build();
    }

    static ModelOptions overrides() {
        return ModelOptions.builder()
                .metadata("llama.context_length", 8192)
                .metadata("tokenizer.ggml.add_bos_token", false)
                .build();
    }

    static LlamaModel splits(Path first, Path second) {
        return LlamaModel.load(List.of(first, second), ModelOptions.defaults());
    }

    static ContextOptions manySequences() {
        return ContextOptions.builder()
                .contextSize(8192)
                .maxSequences(32)
                .unifiedKvCache(true)
                .build();
    }

    static ContextOptions smallCache() {
        return ContextOptions.builder()
                .kvCacheType(KvCacheType.Q8_0)
                .flashAttention(FlashAttention.ENABLED)
                .build();
    }

    static int decode(LlamaModel model, LlamaContext context, String prompt) {
        try (Batch batch = context.newBatch();
                Sampler sampler = Sampler.greedy(model)) {
            int[] tokens = model.tokenizer().encode(prompt);
            batch.addAll(tokens, 0, tokens.length, 0, 0, true);
            context.decode(batch);
            int next = sampler.sample(context, batch.size() - 1);
            batch.clear();
            int row = batch.add(next, tokens.length, 0, true);
            context.decode(batch);
            return sampler.sample(context, row);
        }
    }

    static float[] embed(LlamaModel model, String text) {
        ContextOptions options = ContextOptions.builder()
                .embeddings(true)
                .pooling(PoolingType.MEAN)
                .build();
        try (LlamaContext context = model.newContext(options);
                Batch batch = context.newBatch()) {
            int[] tokens = model.tokenizer().encode(text);
            batch.addAll(tokens, 0, tokens.length, 0, 0, false);
            context.decode(batch);
            return context.sequenceEmbedding(0).toArray();
        }
    }

    static void adapters(LlamaModel model, LlamaContext context, Path file) {
        try (LoraAdapter adapter = LoraAdapter.load(model, file)) {
            context.setAdapters(Map.of(adapter, 0.8f));
        }
    }

    static void controlVector(LlamaContext context, Path file) {
        context.setControlVector(ControlVector.load(file).scaled(0.5f));
    }

    static String stream(LlamaModel model, int[] tokens) {
        StreamingDecoder decoder = model.tokenizer().newStreamingDecoder();
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
            text.append(decoder.append(token));
        }
        return text.append(decoder.finish()).toString();
    }

    // docs/sampling.md

    static SamplingOptions usual() {
        return SamplingOptions.builder()
                .temperature(0.7f)
                .topK(40)
                .topP(0.9f)
                .minP(0.05f)
                .penalties(64, 1.1f, 0, 0)
                .seed(42)
                .build();
    }

    static Sampler chain(LlamaModel model) {
        return Sampler.of(
                model,
                new SamplerStage.TopNSigma(1.5f),
                new SamplerStage.Temperature(0.9f),
                new SamplerStage.MirostatV2(42, 5, 0.1f));
    }

    static GenerationResult grammar(TextGenerator generator) {
        SamplingOptions yesOrNo = SamplingOptions.builder()
                .grammar("root ::= \"yes\" | \"no\"")
                .temperature(0)
                .build();
        return generator.generate(
                GenerationRequest.builder("Is water wet? ").sampling(yesOrNo).build());
    }

    static int[] manyRows(LlamaContext context, int[] rows, Sampler[] samplers) {
        int[] tokens = new int[rows.length];
        try (BatchSampler sampler = BatchSampler.create(rows.length, 2)) {
            int failed = sampler.sample(context, rows.length, rows, samplers, tokens);
            for (int i = 0; failed > 0 && i < rows.length; i++) {
                if (tokens[i] == BatchSampler.NO_TOKEN) {
                    System.err.println("row " + rows[i] + ": " + sampler.error(i));
                }
            }
        }
        return tokens;
    }

    static void likeliest(LlamaModel model, LlamaContext context, int row) {
        for (Logits.Candidate candidate : context.logits(row).top(5)) {
            System.out.printf("%5.1f %%  %s%n", 100 * candidate.probability(), model.tokenizer()
                    .decode(candidate.token()));
        }
    }

    // docs/state.md

    static void share(LlamaContext context, Batch batch, int[] prefix) {
        batch.addAll(prefix, 0, prefix.length, 0, 0, true);
        context.decode(batch);
        for (int sequence = 1; sequence < context.maxSequences(); sequence++) {
            context.memory().copy(0, sequence);
        }
    }

    static void takeBack(LlamaContext context, int position) {
        if (!context.memory().remove(0, position, ContextMemory.END)) {
            context.memory().remove(0);
        }
    }

    static void slide(ContextMemory memory, int keep, int drop) {
        if (memory.canShift()) {
            memory.remove(0, keep, keep + drop);
            memory.shift(0, keep + drop, ContextMemory.END, -drop);
        }
    }

    static void saveAndRestore(LlamaContext context, Path file) throws IOException {
        context.state().save(file);
        context.memory().clear();
        context.state().restore(file);
    }

    static void move(LlamaContext from, LlamaContext to) {
        byte[] conversation = from.state(0).save();
        to.state(3).restore(conversation);
    }

    // docs/quantization.md

    static QuantizationResult quantize(Path source, Path target) throws IOException {
        QuantizationOptions options = QuantizationOptions.of(QuantizationType.Q4_K_M);
        QuantizationResult result = Quantizer.quantize(source, target, options);
        System.out.printf(
                "%d -> %d bytes, %.2f bits per weight%n",
                result.plan().bytesBefore(), result.plan().bytesAfter(), result.plan().bitsPerWeight());
        return result;
    }

    static long estimate(Path source) throws IOException {
        QuantizationPlan plan = Quantizer.estimate(source, QuantizationOptions.of(QuantizationType.Q5_K_M));
        for (QuantizedTensor tensor : plan.tensors()) {
            System.out.println(tensor.name() + " " + tensor.from() + " -> " + tensor.to());
        }
        return plan.bytesAfter();
    }

    static QuantizationOptions mixedPrecision() {
        QuantizationOptions options = QuantizationOptions.builder(QuantizationType.Q4_K_M)
                .tensorType("blk\\.[01]\\.", GgmlType.Q8_0)
                .tensorType("ffn_down", GgmlType.Q6_K)
                .outputTensorType(GgmlType.F16)
                .tokenEmbeddingType(GgmlType.Q8_0)
                .build();
        return options;
    }

    static QuantizationOptions importance(Path matrix) {
        return QuantizationOptions.builder(QuantizationType.IQ2_XS)
                .importanceMatrix(matrix)
                .build();
    }

    static void edit(Path file) throws IOException {
        GgufEditor.of(GgufFile.read(file))
                .set("general.name", GgufValue.text("My model"))
                .set("my.scale", GgufValue.float32(0.5f))
                .remove("general.description")
                .write(file);
    }

    static void splitAndMerge(Path file, Path folder, Path merged) throws IOException {
        List<Path> parts = GgufSplit.split(GgufFile.read(file), folder.resolve("m"), GgufSplit.Limits.ofBytes(100_000));
        GgufSplit.merge(GgufFile.read(parts.getFirst()), merged);
    }

    // docs/quality.md

    static PerplexityResult perplexity(LlamaModel model, String text) {
        PerplexityResult result = Evaluation.perplexity(
                model, text, WindowOptions.builder().windowSize(512).maxChunks(100).build());
        System.out.printf("%.4f ± %.4f%n", result.perplexity(), result.standardError());
        return result;
    }

    static ComparisonResult compare(LlamaModel reference, LlamaModel candidate, String text) {
        ComparisonResult result = Evaluation.compare(reference, candidate, text);
        System.out.printf("KL divergence %.5f%n", result.klDivergence().mean());
        System.out.printf("same likeliest token %.2f %%%n", 100 * result.topAgreement());
        System.out.printf("perplexity ratio %.4f%n", result.perplexityRatio());
        return result;
    }

    static TaskReport questions(LlamaModel model) {
        List<Question> questions = List.of(
                Question.builder("2 + 2 =").id("sum").skill("addition").answer("4").maxTokens(8).build(),
                Question.builder("The capital of France is")
                        .id("france")
                        .skill("facts")
                        .pattern(Pattern.compile("\\bParis\\b"))
                        .build());
        TaskReport report = Evaluation.tasks(model, questions);
        report.skills().forEach((skill, score) -> System.out.println(skill + ": " + score.accuracy()));
        report.wrong().forEach(result -> System.out.println(result.question().id() + ": " + result.text()));
        return report;
    }

    static final class Gate {
        @QualityGate(
                model = "models/m-q4.gguf",
                reference = "models/m-f16.gguf",
                text = "src/test/resources/text.txt",
                questions = "src/test/resources/questions.jsonl",
                minTop1 = 0.95,
                maxKl = 0.05,
                maxPerplexityRatio = 1.02,
                minAccuracy = 0.98)
        void theQuantisedModelIsNearTheOriginal(QualityReport report) {
            System.out.println(report.comparison());
        }
    }
}
