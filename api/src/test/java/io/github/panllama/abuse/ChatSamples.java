package io.github.panllama.abuse;

import io.github.panllama.SamplerStage;
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
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.EngineModel;
import io.github.panllama.engine.IsolatedOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;

/** The {@link Samples} of the package {@code chat}, and of the engine that a conversation needs. */
final class ChatSamples {
    private ChatSamples() {}

    static void register(Map<String, Samples.Maker> makers) {
        chat(makers);
        conversations(makers);
    }

    private static void chat(Map<String, Samples.Maker> makers) {
        Samples.put(makers, ChatTemplate.class, samples -> ChatTemplate.of(samples.model()));
        Samples.put(
                makers,
                ChatPrompt.class,
                samples -> ChatTemplate.of(samples.model()).render(List.of(ChatMessage.user("text"))));
        Samples.put(
                makers, ReplyStream.class, samples -> ((ChatPrompt) samples.value(ChatPrompt.class)).newReplyStream());
        Samples.put(makers, ChatTemplateOptions.class, samples -> ChatTemplateOptions.defaults());
        Samples.put(makers, ChatTemplateOptions.Builder.class, samples -> ChatTemplateOptions.builder());
        Samples.put(makers, ChatMessage.class, samples -> ChatMessage.user("text"));
        Samples.put(makers, ChatReply.class, samples -> new ChatReply("text", "", List.of()));
        Samples.put(makers, ChatTool.class, samples -> new ChatTool("name", "", "{}"));
        Samples.put(makers, ToolFunction.class, samples -> (ToolFunction) arguments -> arguments);
        Samples.put(makers, Tool.class, samples -> Tool.of(new ChatTool("name", "", "{}"), arguments -> arguments));
        Samples.put(makers, JsonSchema.class, samples -> JsonSchema.of("{}"));
        Samples.put(makers, Object.class, samples -> "text");
        Samples.put(makers, Type.class, samples -> String.class);
        Samples.put(makers, Method.class, samples -> String.class.getMethod("length"));
        makers.put("java.lang.Class<A>", samples -> ToolCall.class);
        makers.put("java.util.function.Function<A, ?>", samples -> Function.identity());
        Samples.put(makers, ToolCall.class, samples -> new ToolCall("id", "name", "{}"));
        makers.put("java.util.List<io.github.panllama.chat.ChatMessage>", samples -> List.of(ChatMessage.user("text")));
        makers.put("java.util.List<io.github.panllama.chat.ChatTool>", samples -> List.of());
        makers.put("java.util.List<io.github.panllama.chat.ToolCall>", samples -> List.of());
        makers.put("java.util.List<io.github.panllama.chat.ReplyStream$ToolCallDelta>", samples -> List.of());
    }

    private static void conversations(Map<String, Samples.Maker> makers) {
        Usage usage = new Usage(1, 0, 1, 0, 0);
        Timings timings = new Timings(Duration.ZERO, Duration.ZERO, List.of(), Duration.ZERO);
        ChatReply reply = new ChatReply("text", "", List.of());
        ChatRound round =
                new ChatRound(reply, io.github.panllama.FinishReason.STOP, usage, timings, List.of(), List.of());
        Samples.put(makers, Usage.class, samples -> usage);
        Samples.put(makers, Timings.class, samples -> timings);
        Samples.put(makers, ChatRound.class, samples -> round);
        Samples.put(makers, ChatResult.class, samples -> new ChatResult(ChatFinish.STOP, List.of(round)));
        Samples.put(makers, Reasoning.class, samples -> Reasoning.on());
        Samples.put(makers, ChatOptions.class, samples -> ChatOptions.defaults());
        Samples.put(makers, ChatOptions.Builder.class, samples -> ChatOptions.builder());
        Samples.put(
                makers,
                LlamaEngine.class,
                samples -> LlamaEngine.start(
                        samples.model(), EngineSamples.options().build()));
        Samples.put(makers, IsolatedOptions.class, samples -> IsolatedOptions.defaults());
        Samples.put(makers, IsolatedOptions.Builder.class, samples -> IsolatedOptions.builder());
        Samples.put(makers, EngineModel.class, samples -> new EngineModel(List.of(), "llama", "", "", 1, 1, 1, 1, ""));
        Samples.put(makers, Session.class, samples -> ((LlamaEngine) samples.value(LlamaEngine.class)).openSession());
        Samples.put(
                makers,
                LlamaChat.class,
                samples -> LlamaChat.builder((LlamaEngine) samples.value(LlamaEngine.class))
                        .jsonBinding(new NoBinding())
                        .build());
        Samples.put(
                makers,
                LlamaChat.Builder.class,
                samples -> LlamaChat.builder((LlamaEngine) samples.value(LlamaEngine.class)));
        Samples.put(makers, ChatTurn.class, samples -> ((LlamaChat) samples.value(LlamaChat.class)).send("text"));
        Samples.put(makers, JsonBinding.class, samples -> new NoBinding());
        Samples.put(makers, SamplerStage.class, samples -> new SamplerStage.TopK(1));
        Samples.put(makers, OptionalInt.class, samples -> OptionalInt.empty());
        makers.put("java.lang.Class<T>", samples -> String.class);
        makers.put("java.util.List<io.github.panllama.chat.ChatRound>", samples -> List.of(round));
        makers.put("java.util.List<io.github.panllama.chat.Tool>", samples -> List.of());
        makers.put("java.util.function.Consumer<io.github.panllama.chat.ChatOptions$Builder>", samples ->
                (Consumer<ChatOptions.Builder>) builder -> {});
        makers.put("java.util.function.Consumer<io.github.panllama.engine.CompletionRequest$Builder>", samples ->
                (Consumer<CompletionRequest.Builder>) builder -> {});
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
}
