package io.github.panllama.chat;

import io.github.panllama.LlamaModel;
import io.github.panllama.engine.LlamaEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

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

    private static final String TOOL_USE = "tool_use";
    private static final String NAMED = "tokenizer.chat_template.";

    private final TemplateSource template;

    private ChatTemplate(TemplateSource template) {
        this.template = template;
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
        String tools = model.chatTemplate(TOOL_USE).orElse("");
        if (general.isEmpty() && tools.isEmpty()) {
            return new ChatTemplate(new LocalTemplate(model, FALLBACK, false));
        }
        if (!tools.isEmpty()) {
            TemplateText.check(tools);
        }
        return new ChatTemplate(new LocalTemplate(model, general.isEmpty() ? tools : general, true));
    }

    /**
     * The own template of an engine's model: as {@link #of(LlamaModel)}, also where the engine is {@linkplain
     * LlamaEngine#startIsolated isolated}. Conversations are rendered, and replies read, by the engine's worker then.
     *
     * @throws ChatTemplateException if the template does not compile
     * @throws UnsupportedOperationException if the model has no vocabulary
     * @throws io.github.panllama.engine.EngineClosedException if the engine is isolated, and closed
     */
    public static ChatTemplate of(LlamaEngine engine) {
        return engine.isIsolated() ? new ChatTemplate(RemoteTemplate.of(engine, null)) : of(engine.model());
    }

    /**
     * Another template for an engine's model: as {@link #of(LlamaModel, String)}, also where the engine is isolated.
     *
     * @param template Jinja, or {@code chatml} for the template of that name
     * @throws ChatTemplateException if the template does not compile
     * @throws UnsupportedOperationException if the model has no vocabulary
     * @throws io.github.panllama.engine.EngineClosedException if the engine is isolated, and closed
     */
    public static ChatTemplate of(LlamaEngine engine, String template) {
        Objects.requireNonNull(template, "template");
        return engine.isIsolated()
                ? new ChatTemplate(RemoteTemplate.of(engine, template))
                : of(engine.model(), template);
    }

    /**
     * Another template for the model. Of the application, that is: never one that came with a request.
     *
     * @param template Jinja, or {@code chatml} for the template of that name
     * @throws ChatTemplateException if the template does not compile
     * @throws UnsupportedOperationException if the model has no vocabulary
     */
    public static ChatTemplate of(LlamaModel model, String template) {
        return new ChatTemplate(new LocalTemplate(model, template, false));
    }

    /**
     * Another template for the model, from a file of the application's.
     *
     * @param file Jinja, in UTF-8
     * @throws ChatTemplateException if the file is not in UTF-8, or the template does not compile
     * @throws UncheckedIOException if the file cannot be read
     * @throws UnsupportedOperationException if the model has no vocabulary
     */
    public static ChatTemplate of(LlamaModel model, Path file) {
        Objects.requireNonNull(model, "model");
        try {
            if (Files.size(file) > TemplateText.MAX_BYTES) {
                throw new ChatTemplateException("The chat template %s has %d bytes, at most %d are allowed"
                        .formatted(file, Files.size(file), TemplateText.MAX_BYTES));
            }
            return of(model, Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new ChatTemplateException("The chat template %s is not in UTF-8".formatted(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One of the model's {@linkplain #names named} templates, for conversations with and without tools.
     *
     * @throws IllegalArgumentException if the model has none of that name
     * @throws ChatTemplateException if the template does not compile
     * @throws UnsupportedOperationException if the model has no vocabulary
     */
    public static ChatTemplate named(LlamaModel model, String name) {
        return of(
                model,
                model.chatTemplate(name)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "The model has no chat template %s, but %s".formatted(name, names(model)))));
    }

    /** The names of the templates that the model has besides the usual one, such as {@code tool_use} and {@code rag}. */
    public static List<String> names(LlamaModel model) {
        return model.metadata().keySet().stream()
                .filter(key -> key.startsWith(NAMED))
                .map(key -> key.substring(NAMED.length()))
                .toList();
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
        ChatPrompt prompt = template.render(copy, options, false);
        // libllama-common can demand a call, not of which tool: the reply is read as if there were no other.
        return options.requiredTool.isEmpty()
                ? prompt
                : template.render(copy, options, true).withText(prompt.text());
    }

    /** The template's text. */
    public String source() {
        return template.source();
    }

    /** Whether it is the model's own. */
    public boolean isOfModel() {
        return template.isOfModel();
    }

    /** Whether it marks reasoning, or is told by {@link ChatTemplateOptions.Builder#thinking} whether there shall be any. */
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

    /** Where it is compiled. */
    TemplateSource template() {
        return template;
    }

    /** Encodes a text with the model's vocabulary. */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return template.encode(text, addSpecial, parseSpecial);
    }

    private boolean supports(String capability) {
        return template.supports(capability);
    }
}
