package io.github.panllama.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * How a template is applied.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class ChatTemplateOptions {
    private static final ChatTemplateOptions DEFAULTS = builder().build();

    final boolean thinking;
    final boolean generationPrompt;
    final List<ChatTool> tools;
    final ToolChoice toolChoice;
    final boolean parallelToolCalls;
    final String requiredTool;
    final String responseSchema;
    final Map<String, String> arguments;

    private ChatTemplateOptions(Builder builder) {
        thinking = builder.thinking;
        generationPrompt = builder.generationPrompt;
        tools = List.copyOf(builder.tools);
        toolChoice = builder.toolChoice;
        parallelToolCalls = builder.parallelToolCalls;
        requiredTool = builder.requiredTool;
        responseSchema = builder.responseSchema;
        arguments = Map.copyOf(builder.arguments);
    }

    /** With thinking, without tools. */
    public static ChatTemplateOptions defaults() {
        return DEFAULTS;
    }

    /** A builder with the {@link #defaults()} set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private static final Set<String> TAKEN =
                Set.of("messages", "tools", "bos_token", "eos_token", "add_generation_prompt", "enable_thinking");

        private boolean thinking = true;
        private boolean generationPrompt = true;
        private final List<ChatTool> tools = new ArrayList<>();
        private ToolChoice toolChoice = ToolChoice.AUTO;
        private boolean parallelToolCalls;
        private String requiredTool = "";
        private String responseSchema = "";
        private final Map<String, String> arguments = new LinkedHashMap<>();

        private Builder() {}

        /** Whether the model shall reason before it answers, where its template gives that choice ({@code enable_thinking}). */
        public Builder thinking(boolean thinking) {
            this.thinking = thinking;
            return this;
        }

        /** Whether the prompt ends with the beginning of a reply ({@code add_generation_prompt}); it does, unless set. */
        public Builder generationPrompt(boolean generationPrompt) {
            this.generationPrompt = generationPrompt;
            return this;
        }

        /** The tools that the model may call, instead of those set before. */
        public Builder tools(List<ChatTool> tools) {
            List<ChatTool> copy = List.copyOf(tools);
            this.tools.clear();
            this.tools.addAll(copy);
            return this;
        }

        /** Whether the model calls tools; as it likes, unless set. */
        public Builder toolChoice(ToolChoice toolChoice) {
            this.toolChoice = Objects.requireNonNull(toolChoice, "toolChoice");
            this.requiredTool = "";
            return this;
        }

        /** The tool that the model has to call. It is told of the others all the same. */
        public Builder requiredTool(String name) {
            this.requiredTool = Limits.word("name", name);
            this.toolChoice = ToolChoice.REQUIRED;
            return this;
        }

        /** Whether a reply may have several tool calls; it may not, unless set. */
        public Builder parallelToolCalls(boolean parallel) {
            this.parallelToolCalls = parallel;
            return this;
        }

        /**
         * A JSON schema that the whole answer obeys. Some templates tell the model of it; {@link ChatPrompt#toolGrammar()}
         * is then a grammar of the whole reply, its reasoning included. ({@code response_format})
         *
         * @throws IllegalArgumentException if it is no JSON, or larger or deeper than native code bears
         */
        public Builder responseSchema(String schema) {
            this.responseSchema = ToolSchema.check("of the response", schema);
            return this;
        }

        /**
         * An argument that the model's own template knows, such as {@code reasoning_effort}.
         *
         * @param name a word
         * @param json its value: {@code true}, {@code 3}, {@code "high"} with the quotation marks
         */
        public Builder argument(String name, String json) {
            Limits.word("name", name);
            if (TAKEN.contains(name)) {
                throw new IllegalArgumentException(
                        "The argument %s is set by panllama itself; the other methods of the builder steer it"
                                .formatted(name));
            }
            arguments.put(name, Limits.json(name, json));
            return this;
        }

        /**
         * The options as set so far.
         *
         * @throws IllegalArgumentException if a tool is required that is not there
         */
        public ChatTemplateOptions build() {
            List<String> names = tools.stream().map(ChatTool::name).toList();
            if (!requiredTool.isEmpty() && !names.contains(requiredTool)) {
                throw new IllegalArgumentException(
                        "The tool %s is required, and there are only %s".formatted(requiredTool, names));
            }
            return new ChatTemplateOptions(this);
        }
    }
}
