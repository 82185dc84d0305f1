package io.github.panllama.abuse;

import io.github.panllama.ContextOptions;
import io.github.panllama.ControlVector;
import io.github.panllama.FillInMiddle;
import io.github.panllama.GenerationRequest;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.QuantizationOptions;
import io.github.panllama.Quantizer;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatOptions;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.ChatTurn;
import io.github.panllama.chat.JsonSchema;
import io.github.panllama.chat.LlamaChat;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.embedding.Normalization;
import io.github.panllama.embedding.Reranker;
import io.github.panllama.embedding.RerankerOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Speculation;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.evaluation.Question;
import io.github.panllama.evaluation.TaskOptions;
import io.github.panllama.evaluation.WindowOptions;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticModelBuilder;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Does with what the API answers what a caller would do next, so that what was let in must also work. */
final class Uses {
    private static final LocalDateTime NOON = LocalDateTime.of(2025, 3, 9, 12, 0);

    private Uses() {}

    /** Uses a value; one of which there is nothing to do is left alone. */
    static void use(Samples samples, @Nullable Object value) throws Throwable {
        if (value == null) {
            return;
        }
        String name = value.getClass().getSimpleName();
        if (name.equals("Builder") && !(value instanceof LlamaChat.Builder)) {
            Object built = PublicCall.on(value, value.getClass().getMethod("build"));
            use(samples, built);
            return;
        }
        if (value instanceof AutoCloseable) {
            samples.keep(value);
        }
        models(samples, value);
        generations(samples, value);
        chats(samples, value);
        files(samples, value);
        if (value instanceof Record record) {
            read(record);
        }
        if (value instanceof List<?> list && !list.isEmpty()) {
            use(samples, list.getFirst());
        }
    }

    /** Asks a record for all that it tells without arguments. */
    private static void read(Record record) throws Throwable {
        for (Method method : record.getClass().getMethods()) {
            boolean ofTheRecord = method.getDeclaringClass() == record.getClass();
            if (ofTheRecord && method.getParameterCount() == 0 && !Modifier.isStatic(method.getModifiers())) {
                PublicCall.on(record, method);
            }
        }
    }

    private static void models(Samples samples, Object value) {
        switch (value) {
            case ModelOptions options ->
                LlamaModel.load(samples.fixture().file(), options).close();
            case ContextOptions options -> {
                try (LlamaContext context = samples.model().newContext(options)) {
                    AbuseFixture.decode(context, 0, 0, 3);
                }
            }
            case ControlVector vector -> {
                LlamaContext context =
                        (LlamaContext) samples.keep(samples.fixture().context());
                context.setControlVector(vector);
                AbuseFixture.decode(context, 0, 0, 3);
            }
            case SamplingOptions options -> sample(samples, Sampler.of(samples.model(), options));
            case SamplerStage stage -> stage(samples, stage);
            case Sampler sampler -> sample(samples, sampler);
            case EmbedderOptions options -> {
                try (Embedder embedder = Embedder.of(samples.model(), options)) {
                    embedder.embed(List.of("a", "b c"));
                }
            }
            case RerankerOptions options -> {
                try (LlamaModel model = LlamaModel.load(samples.fixture().file(AbuseFiles.RERANKER));
                        Reranker reranker = Reranker.of(model, options)) {
                    reranker.rank("a", List.of("b", "c d"));
                }
            }
            case Normalization normalization -> normalization.apply(new float[] {1, -2, 0});
            default -> {}
        }
    }

    private static void stage(Samples samples, SamplerStage stage) {
        sample(
                samples,
                stage.selects()
                        ? Sampler.of(samples.model(), stage)
                        : Sampler.of(samples.model(), stage, new SamplerStage.Greedy()));
        request(
                samples,
                EngineSamples.request()
                        .sampling(SamplingOptions.greedy().startingWith(stage))
                        .build());
    }

    private static void sample(Samples samples, Sampler sampler) {
        try (sampler) {
            for (int i = 0; i < 3; i++) {
                sampler.accept(sampler.sample(new float[samples.model().vocabularySize()]));
            }
            sampler.copy().close();
        }
    }

    private static void request(Samples samples, CompletionRequest request) {
        await(samples.fixture().engine().generate(request));
    }

    /** For a second at most: some requests have no end of their own. */
    static void await(Generation generation) {
        try {
            generation.result().get(1, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException _) {
            generation.cancel();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        generation.await();
    }

    private static void generations(Samples samples, Object value) {
        switch (value) {
            case GenerationRequest request -> {
                try (TextGenerator generator =
                        TextGenerator.of(samples.model(), AbuseFixture.small().build())) {
                    generator.generate(request);
                }
            }
            case CompletionRequest request -> request(samples, request);
            case Speculation speculation ->
                request(
                        samples,
                        EngineSamples.request().speculation(speculation).build());
            case Generation generation -> await(generation);
            case EngineOptions options -> {
                try (LlamaEngine engine = LlamaEngine.start(samples.model(), options)) {
                    await(engine.generate(EngineSamples.request().build()));
                }
            }
            case LlamaEngine engine ->
                await(engine.generate(EngineSamples.request().build()));
            case FillInMiddle gap -> gap.tokens();
            case Question question -> Evaluation.tasks(samples.model(), List.of(question), tasks().build());
            case TaskOptions options ->
                Evaluation.tasks(
                        samples.model(),
                        List.of(Question.builder("a").answer("b").maxTokens(2).build()),
                        options);
            case WindowOptions options -> Evaluation.perplexity(samples.model(), new int[100], options);
            default -> {}
        }
    }

    private static TaskOptions.Builder tasks() {
        return TaskOptions.builder().sequences(1).context(context -> context.threads(1));
    }

    private static void chats(Samples samples, Object value) throws Exception {
        switch (value) {
            case LlamaChat.Builder builder -> turn(((LlamaChat) samples.keep(builder.build())).send("a"));
            case ChatOptions options -> turn(((LlamaChat) samples.value(LlamaChat.class)).send("a", options));
            case ChatTurn turn -> turn(turn);
            case ChatTemplateOptions options ->
                ChatTemplate.of(samples.model()).render(List.of(ChatMessage.user("a")), options);
            case ChatTemplate template -> template.render(List.of(ChatMessage.user("a")));
            case ChatPrompt prompt -> prompt.parsePartial("a");
            case ChatMessage message -> ChatTemplate.of(samples.model()).render(List.of(message));
            case ChatTool tool ->
                ChatTemplate.of(samples.model())
                        .render(
                                List.of(ChatMessage.user("a")),
                                ChatTemplateOptions.builder()
                                        .time(NOON)
                                        .tools(List.of(tool))
                                        .build());
            case JsonSchema schema -> stage(samples, new SamplerStage.Grammar(schema.grammar()));
            case Iterator<?> iterator -> iterator.forEachRemaining(given -> {});
            default -> {}
        }
    }

    /** For a second at most. */
    private static void turn(ChatTurn turn) throws Exception {
        try {
            turn.result().get(1, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException _) {
            turn.cancel();
        }
        turn.await();
    }

    private static void files(Samples samples, Object value) throws Exception {
        Path target = samples.fixture().newFile();
        switch (value) {
            case QuantizationOptions options -> {
                Quantizer.estimate(samples.fixture().file(), options);
                Quantizer.quantize(samples.fixture().file(), target, options);
            }
            case GgufValue written -> {
                new GgufWriter().put("a", written).write(target);
                GgufFile.read(target);
            }
            case GgufWriter writer -> {
                writer.write(target);
                load(GgufFile.read(target).path());
            }
            case GgufEditor editor -> {
                editor.write(target);
                load(target);
            }
            case SyntheticModelBuilder builder -> write(builder.build(), target);
            case SyntheticModel model -> write(model, target);
            default -> {}
        }
    }

    private static void write(SyntheticModel model, Path target) throws Exception {
        model.write(target);
        load(target);
    }

    private static void load(Path file) {
        LlamaModel.load(file).close();
    }
}
