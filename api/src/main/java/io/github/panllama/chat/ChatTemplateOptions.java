package io.github.panllama.chat;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a template is applied.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class ChatTemplateOptions {
    private static final ChatTemplateOptions DEFAULTS = builder().build();

    final @Nullable Boolean thinking;
    final boolean generationPrompt;
    final Continuation continuation;
    final List<ChatTool> tools;
    final ToolChoice toolChoice;
    final @Nullable Boolean parallelToolCalls;
    final String requiredTool;
    final String responseSchema;
    final Map<String, String> arguments;
    final @Nullable LocalDateTime time;

    private ChatTemplateOptions(Builder builder) {
        thinking = builder.thinking;
        generationPrompt = builder.generationPrompt;
        continuation = builder.continuation;
        tools = List.copyOf(builder.tools);
        toolChoice = builder.toolChoice;
        parallelToolCalls = builder.parallelToolCalls;
        requiredTool = builder.requiredTool;
        responseSchema = builder.responseSchema;
        arguments = Map.copyOf(builder.arguments);
        time = builder.time;
    }

    /** With thinking where the template knows of it, without tools. */
    public static ChatTemplateOptions defaults() {
        return DEFAULTS;
    }

    /** A builder with the {@link #defaults()} set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private static final String REASONING_EFFORT = "reasoning_effort";
        private static final Set<String> TAKEN =
                Set.of("messages", "tools", "bos_token", "eos_token", "add_generation_prompt", "enable_thinking");

        private @Nullable Boolean thinking;
        private boolean generationPrompt = true;
        private Continuation continuation = Continuation.AUTO;
        private final List<ChatTool> tools = new ArrayList<>();
        private ToolChoice toolChoice = ToolChoice.AUTO;
        private @Nullable Boolean parallelToolCalls;
        private String requiredTool = "";
        private String responseSchema = "";
        private @Nullable LocalDateTime time;
        private final Map<String, String> arguments = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Whether the model shall reason before it answers, where its template gives that choice ({@code enable_thinking});
         * it shall, unless set.
         */
        public Builder thinking(boolean thinking) {
            this.thinking = thinking;
            return this;
        }

        /**
         * How hard the model shall reason, in its template's words, such as {@code low} or {@code high}
         * ({@code reasoning_effort}); {@code none} is {@code thinking(false)}.
         */
        public Builder reasoningEffort(String effort) {
            if (!effort.matches("[A-Za-z0-9_.-]{1,256}")) {
                throw new IllegalArgumentException(
                        "effort is '%s', must be a word of letters, digits, '_', '.' and '-'".formatted(effort));
            }
            if (effort.equals("none")) {
                arguments.remove(REASONING_EFFORT);
                return thinking(false);
            }
            arguments.put(REASONING_EFFORT, '"' + effort + '"');
            return this;
        }

        /**
         * Whether the reasoning of earlier turns stays in the prompt, where the template gives that choice; it does, unless
         * set. ({@code preserve_reasoning})
         */
        public Builder preserveReasoning(boolean preserve) {
            arguments.put("preserve_reasoning", Boolean.toString(preserve));
            return this;
        }

        /**
         * Whether the prompt ends with the beginning of a reply ({@code add_generation_prompt}); it does, unless set. Where
         * it does not, a message of the assistant at its end is a whole one.
         */
        public Builder generationPrompt(boolean generationPrompt) {
            this.generationPrompt = generationPrompt;
            return this;
        }

        /**
         * What becomes of a message of the assistant at the end: {@link Continuation#AUTO} unless set, so that the reply goes
         * on where it ends. ({@code continue_final_message}, {@code --no-prefill-assistant})
         */
        public Builder continuation(Continuation continuation) {
            this.continuation = Objects.requireNonNull(continuation, "continuation");
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

        /** Whether a reply may have several tool calls; it may where the template knows of that, unless set. */
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
         * The local time that the template is told, where it asks for it; the clock's, unless set. Templates see it as
         * {@code strftime_now}, {@code date_string} and {@code datetime}.
         */
        public Builder time(LocalDateTime time) {
            this.time = Objects.requireNonNull(time, "time");
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
