package io.github.panllama.chat;

import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.internal.NativeModels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;

/** A template that is compiled in this process. */
final class LocalTemplate implements TemplateSource {
    private final Tokenizer tokenizer;
    private final String source;
    private final boolean ofModel;
    private final MemorySegment template;

    /**
     * Compiles a template.
     *
     * @throws ChatTemplateException if it does not compile
     * @throws UnsupportedOperationException if the model has no vocabulary
     */
    LocalTemplate(LlamaModel model, String source, boolean ofModel) {
        this.tokenizer = model.tokenizer();
        OptionalInt _ = tokenizer.beginOfText(); // refuses a model without a vocabulary
        this.source = TemplateText.check(source);
        this.ofModel = ofModel;
        this.template = compile(model, ofModel ? "" : source);
    }

    private static MemorySegment compile(LlamaModel model, String text) {
        AtomicReference<MemorySegment> made = new AtomicReference<>();
        try (Arena call = Arena.ofConfined()) {
            MemorySegment bytes = ChatNatives.utf8(call, text);
            NativeModels.with(
                    model,
                    pointer -> made.set(ChatNatives.create(
                            Arena.ofAuto(),
                            out -> LlamaC.panllama_chat_template_create(pointer, bytes, bytes.byteSize(), out),
                            LlamaC::panllama_chat_template_free,
                            reason -> new ChatTemplateException("The chat template does not compile: " + reason))));
        }
        return Objects.requireNonNull(made.get());
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public boolean isOfModel() {
        return ofModel;
    }

    @Override
    public ChatPrompt render(List<ChatMessage> messages, ChatTemplateOptions options, boolean requiredToolAlone) {
        try (Arena call = Arena.ofConfined()) {
            ChatInput input = new ChatInput(call, messages, options, requiredToolAlone);
            MemorySegment prompt = ChatNatives.create(
                    Arena.ofAuto(),
                    out -> LlamaC.panllama_chat_render(template, input.pointer(), out),
                    LlamaC::panllama_chat_prompt_free,
                    reason -> new ChatTemplateException("The chat template cannot be rendered: " + reason));
            return new ChatPrompt(new LocalPrompt(tokenizer, prompt), !options.tools.isEmpty(), input.continues());
        }
    }

    @Override
    public boolean supports(String capability) {
        try (Arena call = Arena.ofConfined()) {
            int answer = LlamaC.panllama_chat_template_supports(template, call.allocateFrom(capability));
            if (answer == LlamaC.PANLLAMA_FAILED()) {
                throw ChatNatives.failure(ChatTemplateException::new);
            }
            return answer == 1;
        }
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return tokenizer.encode(text, addSpecial, parseSpecial);
    }
}
