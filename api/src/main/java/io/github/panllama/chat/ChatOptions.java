package io.github.panllama.chat;

import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a chat asks its model: for all turns, or for one.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class ChatOptions {
    private static final ChatOptions DEFAULTS = builder().build();
    private static final Duration FOREVER = Duration.ofDays(365);

    final Reasoning reasoning;
    final List<Tool> tools;
    final List<ChatTool> declaredTools;
    final ToolChoice toolChoice;
    final @Nullable String requiredTool;
    final @Nullable Boolean parallelToolCalls;
    final int toolRounds;
    final @Nullable Duration toolTime;
    final @Nullable String responseSchema;
    /** What the answer obeys: that of the schema, or the application's own. */
    private final @Nullable String answerGrammar;

    final @Nullable String grammar;
    final Map<String, String> arguments;
    final SamplingOptions sampling;
    final int maxTokens;
    final @Nullable Duration timeout;
    final HistoryPolicy historyPolicy;
    final Consumer<CompletionRequest.Builder> request;

    private ChatOptions(Builder builder) {
        reasoning = builder.reasoning;
        tools = builder.tools;
        declaredTools = builder.declaredTools;
        toolChoice = builder.toolChoice;
        requiredTool = builder.requiredTool;
        parallelToolCalls = builder.parallelToolCalls;
        toolRounds = builder.toolRounds;
        toolTime = builder.toolTime;
        responseSchema = builder.responseSchema;
        answerGrammar = responseSchema == null
                ? builder.grammar
                : JsonSchema.of(responseSchema).grammar();
        grammar = builder.grammar;
        arguments = Map.copyOf(builder.arguments);
        sampling = builder.sampling;
        maxTokens = builder.maxTokens;
        timeout = builder.timeout;
        historyPolicy = builder.historyPolicy;
        request = builder.request;
    }

    /** Reasoning as long as the model likes, no tools, {@link SamplingOptions#defaults()}. */
    public static ChatOptions defaults() {
        return DEFAULTS;
    }

    /** A builder with the {@link #defaults()} set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with these options set, to change some of them. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.reasoning = reasoning;
        builder.tools = tools;
        builder.declaredTools = declaredTools;
        builder.toolChoice = toolChoice;
        builder.requiredTool = requiredTool;
        builder.parallelToolCalls = parallelToolCalls;
        builder.toolRounds = toolRounds;
        builder.toolTime = toolTime;
        builder.responseSchema = responseSchema;
        builder.grammar = grammar;
        builder.arguments.putAll(arguments);
        builder.sampling = sampling;
        builder.maxTokens = maxTokens;
        builder.timeout = timeout;
        builder.historyPolicy = historyPolicy;
        builder.request = request;
        return builder;
    }

    /** All tools that the model is told of. */
    List<ChatTool> allTools() {
        return Stream.concat(tools.stream().map(Tool::declaration), declaredTools.stream())
                .toList();
    }

    boolean runsTools() {
        return toolTime != null;
    }

    /** How long a turn may take. */
    Duration limit() {
        return Stream.of(timeout, toolTime, FOREVER)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /**
     * What a template has to know of it.
     *
     * @param first whether it is for the first reply of a turn: a tool that has to be called has to be once
     */
    ChatTemplateOptions template(boolean first) {
        boolean over = !first && toolChoice == ToolChoice.REQUIRED;
        ChatTemplateOptions.Builder builder =
                ChatTemplateOptions.builder().tools(allTools()).toolChoice(over ? ToolChoice.AUTO : toolChoice);
        if (!reasoning.enabled()) {
            builder.thinking(false);
        }
        if (parallelToolCalls != null) {
            builder.parallelToolCalls(parallelToolCalls);
        }
        if (first && requiredTool != null) {
            builder.requiredTool(requiredTool);
        }
        if (responseSchema != null) {
            builder.responseSchema(responseSchema);
        }
        arguments.forEach(builder::argument);
        return builder.build();
    }

    /** What the answer obeys, in GBNF; {@code null} for nothing. */
    @Nullable
    String answerGrammar() {
        return answerGrammar;
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private Reasoning reasoning = Reasoning.on();
        private List<Tool> tools = List.of();
        private List<ChatTool> declaredTools = List.of();
        private ToolChoice toolChoice = ToolChoice.AUTO;
        private @Nullable String requiredTool;
        private @Nullable Boolean parallelToolCalls;
        private int toolRounds;
        private @Nullable Duration toolTime;
        private @Nullable String responseSchema;
        private @Nullable String grammar;
        private final Map<String, String> arguments = new LinkedHashMap<>();
        private SamplingOptions sampling = SamplingOptions.defaults();
        private int maxTokens = Integer.MAX_VALUE;
        private @Nullable Duration timeout;
        private HistoryPolicy historyPolicy = HistoryPolicy.FAIL;
        private Consumer<CompletionRequest.Builder> request = builder -> {};

        private Builder() {}

        /** Whether the model reasons before it answers, and for how long; as long as it likes unless set. */
        public Builder reasoning(Reasoning reasoning) {
            this.reasoning = Objects.requireNonNull(reasoning, "reasoning");
            return this;
        }

        /**
         * Tools that the model may call, instead of those set before. A turn in which it does ends with
         * {@link ChatFinish#TOOL_CALLS}, unless the chat {@linkplain #runTools runs} them.
         */
        public Builder tools(List<Tool> tools) {
            this.tools = List.copyOf(tools);
            return this;
        }

        /** Tools that the application calls itself, in addition to {@link #tools}; instead of those set before. */
        public Builder declaredTools(List<ChatTool> tools) {
            this.declaredTools = List.copyOf(tools);
            return this;
        }

        /** Whether the model calls tools; as it likes, unless set. */
        public Builder toolChoice(ToolChoice toolChoice) {
            this.toolChoice = Objects.requireNonNull(toolChoice, "toolChoice");
            this.requiredTool = null;
            return this;
        }

        /** The tool that the model has to call. */
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
         * Lets the chat call the tools that the model calls, tell it what they answered, and go on until it answers by
         * itself. The calls of one reply run at the same time, each on a virtual thread. A tool that throws is not the
         * end: the model is told so. A turn that has to call a tool has {@linkplain #toolChoice to} in its first round
         * alone.
         *
         * @param maxRounds how often tools may be called in a turn, 0 or more
         * @param limit how long a turn may take from its start, replies included
         */
        public Builder runTools(int maxRounds, Duration limit) {
            if (maxRounds < 0) {
                throw new IllegalArgumentException("maxRounds is %d, must not be negative".formatted(maxRounds));
            }
            this.toolTime = positive("limit", limit);
            this.toolRounds = maxRounds;
            return this;
        }

        /**
         * Has the model answer with JSON of a schema, after its reasoning if it reasons. Tools are not called then.
         *
         * @param schema a JSON schema
         * @throws IllegalArgumentException if the schema is no JSON, or one that an answer cannot be held to:
         *     {@link JsonSchema#of(String)}
         */
        public Builder responseSchema(String schema) {
            JsonSchema.of(schema);
            this.responseSchema = ToolSchema.check("responseSchema", schema);
            return this;
        }

        /**
         * Allows only what a grammar allows, once the template's own reasoning is over. A model that begins reasoning by
         * itself cannot, unless the grammar lets it.
         *
         * @param grammar in GBNF, starting with its rule {@code root}
         * @throws IllegalArgumentException if it is larger or deeper than native code bears
         */
        public Builder grammar(String grammar) {
            SamplingOptions.builder().grammar(grammar);
            this.grammar = grammar;
            return this;
        }

        /**
         * An argument that the model's own template knows, such as {@code reasoning_effort}.
         *
         * @param name a word
         * @param json its value: {@code true}, {@code 3}, {@code "high"} with the quotation marks
         */
        public Builder argument(String name, String json) {
            ChatTemplateOptions.builder().argument(name, json);
            arguments.put(name, json);
            return this;
        }

        /** How to choose tokens; {@link SamplingOptions#defaults()} unless set. */
        public Builder sampling(SamplingOptions sampling) {
            this.sampling = Objects.requireNonNull(sampling, "sampling");
            return this;
        }

        /**
         * The most tokens of a reply, its reasoning included; what the context has room for, unless set.
         *
         * @param tokens 1 or more
         */
        public Builder maxTokens(int tokens) {
            if (tokens < 1) {
                throw new IllegalArgumentException("maxTokens is %d, must be positive".formatted(tokens));
            }
            this.maxTokens = tokens;
            return this;
        }

        /** Ends a turn this long after its start, whatever it has by then, with {@link ChatFinish#DEADLINE}. */
        public Builder timeout(Duration timeout) {
            this.timeout = positive("timeout", timeout);
            return this;
        }

        /** What to do when the conversation does not fit the context; {@link HistoryPolicy#FAIL} unless set. */
        public Builder historyPolicy(HistoryPolicy policy) {
            this.historyPolicy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * What else the engine's requests shall have, such as adapters, speculation, logprobs or a priority. Prompt,
         * sampling, the most tokens and the timeout are the chat's. A stop text ends a reply in addition to what the template
         * ends it with; the reply is what stands before it, and calls no tools.
         */
        public Builder request(Consumer<CompletionRequest.Builder> settings) {
            this.request = Objects.requireNonNull(settings, "settings");
            return this;
        }

        private static Duration positive(String what, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException("%s is %s, must be positive".formatted(what, value));
            }
            return value;
        }

        /**
         * The options as set so far.
         *
         * @throws IllegalArgumentException if two tools have one name, a tool is required that is not there, or there are
         *     both a JSON schema and a grammar
         */
        public ChatOptions build() {
            ChatOptions options = new ChatOptions(this);
            List<String> names = options.allTools().stream().map(ChatTool::name).toList();
            if (names.stream().distinct().count() < names.size()) {
                throw new IllegalArgumentException("Two tools have one name: " + names);
            }
            if (requiredTool != null && !names.contains(requiredTool)) {
                throw new IllegalArgumentException(
                        "The tool %s is required, and there are only %s".formatted(requiredTool, names));
            }
            if (responseSchema != null && grammar != null) {
                throw new IllegalArgumentException("An answer has a JSON schema or a grammar, not both");
            }
            return options;
        }
    }
}
