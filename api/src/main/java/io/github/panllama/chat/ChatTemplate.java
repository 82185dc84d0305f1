package io.github.panllama.chat;

import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A model's way of writing down a conversation: a Jinja template, which a model file brings with it. Rendered and read
 * back as llama-server does it, by the same code.
 *
 * {@snippet :
 * ChatTemplate template = ChatTemplate.of(model);
 * ChatPrompt prompt = template.render(List.of(ChatMessage.user("What is 47 + 85?")));
 * GenerationResult result = generator.generate(GenerationRequest.builder(prompt.tokens()).build());
 * }
 *
 * <p>The first prompt with some tools and options takes as long as many later ones: keep a template, and share it.
 *
 * <p>A template is a program. It is checked for what would end the process, but nothing keeps it from running for long or
 * filling the memory: take templates from models and people that you trust, and never from a request.
 *
 * <p><b>Threads.</b> May be shared by any number of threads. Needs its model only while it tokenizes: see
 * {@link ChatPrompt#tokens()}. Nothing has to be closed.
 */
public final class ChatTemplate {
    /** The template of a model that brings none. */
    private static final String FALLBACK = "chatml";

    private final Tokenizer tokenizer;
    private final String source;
    private final boolean ofModel;
    private final String bos;
    private final String eos;
    private final MemorySegment general;
    private final @Nullable MemorySegment forTools;

    private ChatTemplate(LlamaModel model, String source, @Nullable String toolSource, boolean ofModel) {
        this.tokenizer = model.tokenizer();
        this.source = source;
        this.ofModel = ofModel;
        this.bos = piece(tokenizer, tokenizer.beginOfText());
        this.eos = piece(tokenizer, tokenizer.endOfText());
        this.general = compile(source);
        this.forTools = toolSource == null ? null : compile(toolSource);
    }

    /**
     * The model's own template; ChatML where it has none, which {@link #isOfModel()} tells. A model may have a second one
     * for conversations with tools, {@code tool_use}, which is then taken for those.
     *
     * @throws ChatTemplateException if the template does not compile
     * @throws UnsupportedOperationException if the model has no vocabulary
     */
    public static ChatTemplate of(LlamaModel model) {
        String general = model.chatTemplate().orElse("");
        String tools = model.chatTemplate("tool_use").orElse("");
        if (general.isEmpty()) {
            general = tools.isEmpty() ? FALLBACK : tools;
        }
        return new ChatTemplate(model, general, tools.isEmpty() ? null : tools, !general.equals(FALLBACK));
    }

    /**
     * Another template for the model. Of the application, that is: never one that came with a request.
     *
     * @param template Jinja, or {@code chatml} for the template of that name
     * @throws ChatTemplateException if the template does not compile
     * @throws UnsupportedOperationException if the model has no vocabulary
     */
    public static ChatTemplate of(LlamaModel model, String template) {
        return new ChatTemplate(model, template, null, false);
    }

    /** Renders with the default options: with thinking, without tools. */
    public ChatPrompt render(List<ChatMessage> messages) {
        return render(messages, ChatTemplateOptions.defaults());
    }

    /**
     * Renders a conversation. ({@code common_chat_templates_apply})
     *
     * @throws ChatTemplateException if the template refuses the messages, or fails on them
     * @throws IllegalArgumentException if there are no messages, or they are too long, or JSON in them nests too deep
     */
    public ChatPrompt render(List<ChatMessage> messages, ChatTemplateOptions options) {
        List<ChatMessage> copy = List.copyOf(messages);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("There are no messages to render");
        }
        ChatPrompt prompt = new ChatPrompt(this, render(copy, options, false), !options.tools.isEmpty());
        // libllama-common can demand a call, not of which tool: the reply is read as if there were no other.
        return options.requiredTool.isEmpty()
                ? prompt
                : new ChatPrompt(this, render(copy, options, true), true, prompt.text());
    }

    private MemorySegment render(List<ChatMessage> messages, ChatTemplateOptions options, boolean requiredToolAlone) {
        MemorySegment template = forTools != null && !options.tools.isEmpty() ? forTools : general;
        try (Arena call = Arena.ofConfined()) {
            ChatInput input = new ChatInput(call, messages, options, requiredToolAlone);
            return ChatNatives.create(
                    Arena.ofAuto(),
                    out -> LlamaC.panllama_chat_render(template, input.pointer(), out),
                    LlamaC::panllama_chat_prompt_free,
                    reason -> new ChatTemplateException("The chat template cannot be rendered: " + reason));
        }
    }

    /** The template's text. */
    public String source() {
        return source;
    }

    /** Whether it is the model's own. */
    public boolean isOfModel() {
        return ofModel;
    }

    /** Whether {@link ChatTemplateOptions.Builder#thinking} makes a difference. */
    public boolean supportsThinking() {
        return supports("enable_thinking");
    }

    /** Whether it tells the model of tools. */
    public boolean supportsTools() {
        return supports("supports_tools");
    }

    /** Whether it tells the model what the system says; where not, that is put before the first question. */
    public boolean supportsSystem() {
        return supports("supports_system_role");
    }

    private boolean supports(String capability) {
        try (Arena call = Arena.ofConfined()) {
            int answer = LlamaC.panllama_chat_template_supports(
                    forTools != null ? forTools : general, call.allocateFrom(capability));
            if (answer == LlamaC.PANLLAMA_FAILED()) {
                throw ChatNatives.failure(ChatTemplateException::new);
            }
            return answer == 1;
        }
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Without the tokens that tokenizing adds. */
    String trimmed(String prompt) {
        String text = prompt;
        if (tokenizer.addsBeginOfText() && !bos.isEmpty() && text.startsWith(bos)) {
            text = text.substring(bos.length());
        }
        if (tokenizer.addsEndOfText() && !eos.isEmpty() && text.endsWith(eos)) {
            text = text.substring(0, text.length() - eos.length());
        }
        return text;
    }

    private MemorySegment compile(String text) {
        TemplateText.check(text);
        try (Arena call = Arena.ofConfined()) {
            MemorySegment bytes = ChatNatives.utf8(call, text);
            MemorySegment first = call.allocateFrom(bos);
            MemorySegment last = call.allocateFrom(eos);
            return ChatNatives.create(
                    Arena.ofAuto(),
                    out -> LlamaC.panllama_chat_template_create(bytes, bytes.byteSize(), first, last, out),
                    LlamaC::panllama_chat_template_free,
                    reason -> new ChatTemplateException("The chat template does not compile: " + reason));
        }
    }

    private static String piece(Tokenizer tokenizer, OptionalInt token) {
        return token.isEmpty()
                ? ""
                : new String(tokenizer.piece(token.getAsInt(), true), StandardCharsets.UTF_8).replace("\0", "");
    }
}
