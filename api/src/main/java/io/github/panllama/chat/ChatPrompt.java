package io.github.panllama.chat;

import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.Tokenizer;
import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A conversation as a model reads it, and the knowledge of how to read its reply.
 *
 * <p><b>Threads.</b> Immutable; may be shared.
 */
public final class ChatPrompt {
    private final Tokenizer tokenizer;
    private final MemorySegment prompt;
    private final boolean tools;
    private final boolean continues;
    private final String text;

    ChatPrompt(Tokenizer tokenizer, MemorySegment prompt, boolean tools, boolean continues) {
        this.tokenizer = tokenizer;
        this.prompt = prompt;
        this.tools = tools;
        this.continues = continues;
        this.text = text(LlamaC.PANLLAMA_CHAT_PROMPT());
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
        return tokenizer.encode(text);
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

    /** A grammar, in GBNF, that tool calls obey; empty where there are no tools to call. */
    public String toolGrammar() {
        return text(LlamaC.PANLLAMA_CHAT_GRAMMAR());
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
                .map(mark -> tokenizer.encode(mark, false, true))
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
        return new ReplyStream(this);
    }

    byte[] piece(int token, boolean special) {
        return tokenizer.piece(token, special);
    }

    private ChatReply parse(String reply, boolean partial) {
        Objects.requireNonNull(reply, "reply");
        Limits.reply(reply, tools);
        try (Arena call = Arena.ofConfined()) {
            MemorySegment bytes = ChatNatives.utf8(call, reply);
            MemorySegment parsed = ChatNatives.create(
                    call,
                    out -> LlamaC.panllama_chat_parse(prompt, bytes, bytes.byteSize(), partial, out),
                    LlamaC::panllama_chat_reply_free,
                    reason -> new ChatParseException("The reply cannot be parsed: " + reason, reply));
            return reply(parsed);
        }
    }

    private static ChatReply reply(MemorySegment parsed) {
        List<String> names = replyTexts(parsed, LlamaC.PANLLAMA_CHAT_CALL_NAME());
        List<String> arguments = replyTexts(parsed, LlamaC.PANLLAMA_CHAT_CALL_ARGUMENTS());
        List<String> ids = replyTexts(parsed, LlamaC.PANLLAMA_CHAT_CALL_ID());
        List<ToolCall> calls = IntStream.range(0, names.size())
                .mapToObj(i -> new ToolCall(ids.get(i), names.get(i), arguments.get(i)))
                .toList();
        return new ChatReply(
                String.join("", replyTexts(parsed, LlamaC.PANLLAMA_CHAT_CONTENT())),
                String.join("", replyTexts(parsed, LlamaC.PANLLAMA_CHAT_REASONING())),
                calls);
    }

    private static List<String> replyTexts(MemorySegment parsed, int kind) {
        return ChatNatives.texts(LlamaC::panllama_chat_reply_text, parsed, kind);
    }

    private List<String> texts(int kind) {
        return ChatNatives.texts(LlamaC::panllama_chat_prompt_text, prompt, kind);
    }

    private String text(int kind) {
        return String.join("", texts(kind));
    }

    @Override
    public String toString() {
        return text;
    }
}
