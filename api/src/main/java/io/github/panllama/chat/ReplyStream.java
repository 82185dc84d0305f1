package io.github.panllama.chat;

import java.util.Objects;

/**
 * Takes a reply apart while it is written: gives out what is new of its reasoning and of its content, never a part of a
 * mark. All that it gives out, joined, is the reasoning and the content of the whole reply.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class ReplyStream {
    private final ChatPrompt prompt;
    private final StringBuilder written = new StringBuilder();
    private String reasoning = "";
    private String content = "";

    ReplyStream(ChatPrompt prompt) {
        this.prompt = prompt;
    }

    /**
     * What is new.
     *
     * @param reasoning more of it, often empty
     * @param content more of it, often empty
     */
    public record Delta(String reasoning, String content) {
        /** Refuses {@code null}. */
        public Delta {
            Objects.requireNonNull(reasoning, "reasoning");
            Objects.requireNonNull(content, "content");
        }
    }

    /**
     * Takes what the model wrote next and answers what is new by it.
     *
     * @throws ChatParseException if no reply begins like this
     */
    public Delta append(String text) {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty()) {
            return new Delta("", "");
        }
        written.append(text);
        return advance(prompt.parsePartial(written.toString()));
    }

    /**
     * Ends the reply, and answers what was held back.
     *
     * @throws ChatParseException if the reply does not have the model's format, for instance because it was cut short
     */
    public Delta finish() {
        return advance(prompt.parse(written.toString()));
    }

    /** The whole reply, once it is {@linkplain #finish finished}. */
    public ChatReply reply() {
        return prompt.parse(written.toString());
    }

    /** All that was appended. */
    public String text() {
        return written.toString();
    }

    /** What is there may grow alone: where a parser takes something back, it is told when it has come again. */
    private Delta advance(ChatReply reply) {
        String moreReasoning = more(reasoning, reply.reasoning());
        String moreContent = more(content, reply.content());
        reasoning += moreReasoning;
        content += moreContent;
        return new Delta(moreReasoning, moreContent);
    }

    private static String more(String before, String now) {
        return now.length() > before.length() && now.startsWith(before) ? now.substring(before.length()) : "";
    }
}
