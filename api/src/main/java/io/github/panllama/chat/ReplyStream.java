package io.github.panllama.chat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * Takes a reply apart while it is written: gives out what is new of its reasoning, its content and its tool calls, never a
 * part of a mark. All that it gives out, joined, is the whole reply, without what was begun of it in the prompt. A
 * {@linkplain ChatPrompt#stops() text that ends a reply} is left out, and what comes after it.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class ReplyStream {
    private final ChatPrompt prompt;
    private final IntPredicate marks;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] waiting = new byte[0];
    private final ReplyEnd end;
    private final StringBuilder written = new StringBuilder();
    private final ShownCalls calls = new ShownCalls();
    private String reasoning = "";
    private String content = "";
    private ChatReply reply = new ChatReply("", "", List.of());

    ReplyStream(ChatPrompt prompt, List<String> stops) {
        this.prompt = prompt;
        this.marks = prompt.markTokens();
        this.end = new ReplyEnd(stops);
        if (prompt.isContinuation()) {
            reply = prompt.parsePartial("");
            reasoning = reply.reasoning();
            content = reply.content();
        }
    }

    /**
     * What is new.
     *
     * @param reasoning more of it, often empty
     * @param content more of it, often empty
     * @param toolCalls more of them, often empty
     */
    public record Delta(String reasoning, String content, List<ToolCallDelta> toolCalls) {
        /** Copies the list, and refuses {@code null}. */
        public Delta {
            Objects.requireNonNull(reasoning, "reasoning");
            Objects.requireNonNull(content, "content");
            toolCalls = List.copyOf(toolCalls);
        }
    }

    /**
     * What is new of a tool call.
     *
     * @param index of the call in the reply, from 0; a call is whole when the next one begins or the reply ends
     * @param id of the call; comes once, with the first part of the call or, in some formats, with the last one, and not at
     *     all where the format has none
     * @param name of the tool; comes with the first part and is empty in those after it
     * @param arguments more of the JSON, often empty
     */
    public record ToolCallDelta(int index, String id, String name, String arguments) {
        /** Refuses {@code null}. */
        public ToolCallDelta {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(arguments, "arguments");
        }
    }

    /**
     * Takes the token that the model wrote next, but for the one that ends the reply, and answers what is new by it. Bytes
     * wait until their character is whole.
     *
     * @throws ChatParseException if no reply begins like this
     * @throws IllegalStateException if the model is closed
     */
    public Delta append(int token) {
        return append(decode(prompt.piece(token, marks.test(token)), false));
    }

    /**
     * Takes what the model wrote next and answers what is new by it.
     *
     * @throws ChatParseException if no reply begins like this
     */
    public Delta append(String text) {
        String more = end.append(Objects.requireNonNull(text, "text"));
        if (more.isEmpty()) {
            return new Delta("", "", List.of());
        }
        written.append(more);
        return advance(prompt.parsePartial(written.toString()), false);
    }

    /**
     * Ends the reply, and answers what was held back.
     *
     * @throws ChatParseException if the reply does not have the model's format, for instance because it was cut short in a
     *     tool call; {@link #reply()} is then what could be told of it, in which the call may be half a call. A reply that
     *     was cut short in its reasoning or its content is one
     */
    public Delta finish() {
        written.append(end.append(decode(new byte[0], true))).append(end.finish());
        return advance(prompt.parse(written.toString()), true);
    }

    /** The reply as far as it is known: the whole one, once it is {@linkplain #finish finished}. */
    public ChatReply reply() {
        return reply;
    }

    /** All that was appended, as far as it belongs to the reply. */
    public String text() {
        return written.toString();
    }

    /** What is there may grow alone: where a parser takes something back, it is told when it has come again. */
    private Delta advance(ChatReply next, boolean whole) {
        reply = next;
        String moreReasoning = more(reasoning, next.reasoning());
        String moreContent = more(content, next.content());
        reasoning += moreReasoning;
        content += moreContent;
        return new Delta(moreReasoning, moreContent, calls.more(next.toolCalls(), whole));
    }

    /** The characters that are whole by now. */
    private String decode(byte[] more, boolean end) {
        ByteBuffer bytes = ByteBuffer.allocate(waiting.length + more.length);
        bytes.put(waiting).put(more).flip();
        CharBuffer chars = CharBuffer.allocate(bytes.remaining() + 1);
        utf8.decode(bytes, chars, end);
        waiting = new byte[bytes.remaining()];
        bytes.get(waiting);
        if (end) {
            utf8.reset();
        }
        return chars.flip().toString();
    }

    /** What is behind the text that is known. */
    static String more(String before, String now) {
        return now.length() > before.length() && now.startsWith(before) ? now.substring(before.length()) : "";
    }
}
