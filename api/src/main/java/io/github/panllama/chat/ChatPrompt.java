package io.github.panllama.chat;

import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.bindings.gen.LlamaC;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A conversation as a model reads it, and the knowledge of how to read its reply.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class ChatPrompt {
    private final PromptSource source;
    private final boolean tools;
    private final boolean continues;
    private final String text;

    ChatPrompt(PromptSource source, boolean tools, boolean continues) {
        this(source, tools, continues, String.join("", source.texts(LlamaC.PANLLAMA_CHAT_PROMPT())));
    }

    private ChatPrompt(PromptSource source, boolean tools, boolean continues, String text) {
        this.source = source;
        this.tools = tools;
        this.continues = continues;
        this.text = text;
    }

    /** A prompt of another text, whose reply is read like this one's. */
    ChatPrompt withText(String other) {
        return new ChatPrompt(source, tools, continues, other);
    }

    PromptSource source() {
        return source;
    }

    /** The text, without the token that {@link #tokens()} puts before it where the model wants that. */
    public String text() {
        return text;
    }

    /**
     * The tokens that the model is given: those of the text, with special tokens recognised.
     *
     * @throws IllegalStateException if the model is closed
     */
    public int[] tokens() {
        return source.encode(text, true, true);
    }

    /**
     * The end of the text that already belongs to the reply, such as the mark that begins reasoning, or the message that
     * the reply continues.
     */
    public String replyBegin() {
        return text(LlamaC.PANLLAMA_CHAT_REPLY_BEGIN());
    }

    /** The mark before reasoning, such as {@code <think>}; empty where the template knows none. */
    public String reasoningBegin() {
        return text(LlamaC.PANLLAMA_CHAT_THINKING_BEGIN());
    }

    /** The marks that end reasoning, such as {@code </think>}. */
    public List<String> reasoningEnds() {
        return texts(LlamaC.PANLLAMA_CHAT_THINKING_END());
    }

    /**
     * What limits the reasoning of a reply to this prompt, for {@link SamplingOptions.Builder#reasoningBudget}; empty where
     * the template knows no marks of reasoning. It begins to count where the prompt or the reply begins reasoning.
     *
     * @param tokens the most that the model may think, marks not counted; 0 for none
     */
    public Optional<SamplerStage.ReasoningBudget> reasoningBudget(int tokens) {
        return reasoningBudget(tokens, "");
    }

    /**
     * As {@link #reasoningBudget(int)}, with words that the model is made to say when its budget is used up, before the
     * mark that ends reasoning.
     */
    public Optional<SamplerStage.ReasoningBudget> reasoningBudget(int tokens, String message) {
        Objects.requireNonNull(message, "message");
        String begin = reasoningBegin();
        List<String> ends =
                reasoningEnds().stream().filter(end -> !end.isEmpty()).toList();
        return begin.isEmpty() || ends.isEmpty()
                ? Optional.empty()
                : Optional.of(new SamplerStage.ReasoningBudget(tokens, begin, ends, message, replyBegin()));
    }

    /** Texts that end a reply, besides the model's own tokens for that. */
    public List<String> stops() {
        return texts(LlamaC.PANLLAMA_CHAT_STOP());
    }

    /**
     * A grammar, in GBNF, that tool calls obey, or an answer with a {@linkplain
     * ChatTemplateOptions.Builder#responseSchema schema}; empty where there is neither.
     */
    public String toolGrammar() {
        return text(LlamaC.PANLLAMA_CHAT_GRAMMAR());
    }

    /**
     * What a sampler needs so that a reply to this prompt has the format of its tool calls or of its {@linkplain
     * ChatTemplateOptions.Builder#responseSchema schema}, as llama-server sees to it: for
     * {@link io.github.panllama.SamplingOptions#startingWith}. Empty where any text is a reply.
     */
    public Optional<SamplerStage.ReplyGrammar> replyGrammar() {
        String grammar = toolGrammar();
        if (grammar.isEmpty()) {
            return Optional.empty();
        }
        List<String> patterns = new ArrayList<>();
        List<Integer> tokens = new ArrayList<>();
        for (String trigger : texts(LlamaC.PANLLAMA_CHAT_TRIGGER())) {
            int[] encoded = source.encode(trigger, false, true);
            if (encoded.length == 1) {
                tokens.add(encoded[0]);
            } else {
                patterns.add(TriggerPatterns.literally(trigger));
            }
        }
        texts(LlamaC.PANLLAMA_CHAT_PATTERN()).stream()
                .map(TriggerPatterns::bounded)
                .forEach(patterns::add);
        boolean lazy = !patterns.isEmpty() || !tokens.isEmpty();
        SamplerStage rules = lazy
                ? new SamplerStage.LazyGrammar(grammar, "root", patterns, tokens)
                : new SamplerStage.Grammar(grammar);
        return Optional.of(reply(rules, !lazy));
    }

    /**
     * What a sampler needs so that the answer, which is the reply without its reasoning, obeys a grammar of the
     * application's: for {@link io.github.panllama.SamplingOptions#startingWith}. A model that begins reasoning by itself
     * cannot, unless the grammar lets it.
     *
     * @param grammar in GBNF, starting with its rule {@code root}
     */
    public SamplerStage.ReplyGrammar answerGrammar(String grammar) {
        return reply(new SamplerStage.Grammar(grammar), false);
    }

    private SamplerStage.ReplyGrammar reply(SamplerStage rules, boolean seesReasoning) {
        List<String> ends =
                reasoningEnds().stream().filter(end -> !end.isEmpty()).toList();
        return new SamplerStage.ReplyGrammar(rules, seesReasoning, replyBegin(), reasoningBegin(), ends);
    }

    /** The name of the reply's format, for logs. */
    public String format() {
        return text(LlamaC.PANLLAMA_CHAT_FORMAT());
    }

    /**
     * Which special tokens have to be written out in a reply that is to be parsed: those that mark reasoning and tool
     * calls. Others are left out of it.
     */
    public IntPredicate markTokens() {
        List<String> marks = texts(LlamaC.PANLLAMA_CHAT_PRESERVED());
        int[] tokens = marks.stream()
                .map(mark -> source.encode(mark, false, true))
                .filter(encoded -> encoded.length == 1)
                .mapToInt(encoded -> encoded[0])
                .sorted()
                .toArray();
        return token -> Arrays.binarySearch(tokens, token) >= 0;
    }

    /**
     * Takes a whole reply apart. ({@code common_chat_parse})
     *
     * @param reply what the model wrote, without the token that ended it, and with {@linkplain #markTokens marks}
     * @throws ChatParseException if it does not have the model's format, or ends in the middle of a tool call
     */
    public ChatReply parse(String reply) {
        return parse(reply, false);
    }

    /**
     * Takes the beginning of a reply apart, as far as it can be told: the beginning of a mark is left out.
     *
     * @throws ChatParseException if no reply begins like this
     */
    public ChatReply parsePartial(String reply) {
        return parse(reply, true);
    }

    /**
     * Whether the reply goes on with the conversation's last message: see {@link Continuation}. A parsed reply has that
     * message in it; what a {@link ReplyStream} gives out does not.
     */
    public boolean isContinuation() {
        return continues;
    }

    /** A stream that takes a reply apart while it is written. */
    public ReplyStream newReplyStream() {
        return newReplyStream(stops());
    }

    /** For a reply that other texts end too. */
    ReplyStream newReplyStream(List<String> allStops) {
        return new ReplyStream(this, allStops);
    }

    byte[] piece(int token, boolean special) {
        return source.piece(token, special);
    }

    private ChatReply parse(String reply, boolean partial) {
        Objects.requireNonNull(reply, "reply");
        Limits.reply(reply, tools);
        return source.parse(reply, partial);
    }

    private List<String> texts(int kind) {
        return source.texts(kind);
    }

    private String text(int kind) {
        return String.join("", texts(kind));
    }

    @Override
    public String toString() {
        return text;
    }
}
