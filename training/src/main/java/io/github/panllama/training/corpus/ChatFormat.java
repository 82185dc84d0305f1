package io.github.panllama.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A conversation as one text, the way the chat template of the bundled models writes it. Trained is what the model itself writes:
 * the last turn, and the contents of earlier turns, which are what it would write without thinking.
 */
public final class ChatFormat {
    /** Begins a document. */
    public static final String BEGIN = "<｜begin▁of▁sentence｜>";
    /** Ends what the model writes. */
    public static final String END = "<｜end▁of▁sentence｜>";
    /** Stands before what the user says. */
    public static final String USER = "<｜User｜>";
    /** Stands before what the model says. */
    public static final String ASSISTANT = "<｜Assistant｜>";
    /** Begins the reasoning. */
    public static final String THINK = "<think>";
    /** Ends the reasoning. */
    public static final String THOUGHT = "</think>";
    /** Begins the calls of a turn. */
    public static final String CALLS_BEGIN = "<｜tool▁calls▁begin｜>";
    /** Ends the calls of a turn. */
    public static final String CALLS_END = "<｜tool▁calls▁end｜>";
    /** Begins one call. */
    public static final String CALL_BEGIN = "<｜tool▁call▁begin｜>";
    /** Ends one call. */
    public static final String CALL_END = "<｜tool▁call▁end｜>";
    /** Stands between the name of a tool and its arguments. */
    public static final String SEPARATOR = "<｜tool▁sep｜>";
    /** Begins what a tool gave back. */
    public static final String OUTPUT_BEGIN = "<｜tool▁output▁begin｜>";
    /** Ends what a tool gave back. */
    public static final String OUTPUT_END = "<｜tool▁output▁end｜>";

    private static final String TOOLS = "Tools:\ncalculator(expression): Works out an arithmetic expression.\n";

    private final List<Segment> segments = new ArrayList<>();

    private ChatFormat() {}

    /** The whole document, in pieces. */
    public static List<Segment> segments(Conversation conversation) {
        var format = new ChatFormat();
        format.writePrompt(conversation);
        format.writeAnswer(conversation);
        return List.copyOf(format.segments);
    }

    /** What the model is given: all up to where it begins to write. */
    public static String prompt(Conversation conversation) {
        var format = new ChatFormat();
        format.writePrompt(conversation);
        return text(format.segments);
    }

    /** What the model should write, its end token included. */
    public static String answer(Conversation conversation) {
        var format = new ChatFormat();
        format.writeAnswer(conversation);
        return text(format.segments);
    }

    private static String text(List<Segment> segments) {
        return segments.stream().map(Segment::text).collect(Collectors.joining());
    }

    private void writePrompt(Conversation conversation) {
        special(BEGIN, false);
        String system = conversation.system() == null ? "" : conversation.system();
        String tools = conversation.tools() ? TOOLS : "";
        text(system + (system.isEmpty() || tools.isEmpty() ? "" : "\n\n") + tools, false);
        conversation.messages().forEach(this::writeMessage);
        special(ASSISTANT, false);
        special(THINK, false);
        if (!conversation.thinking()) {
            special(THOUGHT, false);
        }
    }

    private void writeMessage(Message message) {
        switch (message.role()) {
            case USER -> {
                special(USER, false);
                text(message.content(), false);
            }
            case ASSISTANT -> {
                special(ASSISTANT, false);
                special(THINK, false);
                special(THOUGHT, false);
                writeReply(message.content(), message.toolCalls());
            }
            case TOOL -> {
                special(OUTPUT_BEGIN, false);
                text(message.content(), false);
                special(OUTPUT_END, false);
            }
        }
    }

    private void writeAnswer(Conversation conversation) {
        if (conversation.thinking()) {
            text(conversation.reasoning(), true);
            special(THOUGHT, true);
        }
        writeReply(conversation.reply().content(), conversation.reply().toolCalls());
    }

    private void writeReply(String content, List<ToolCall> calls) {
        text(content, true);
        if (!calls.isEmpty()) {
            special(CALLS_BEGIN, true);
            for (ToolCall call : calls) {
                special(CALL_BEGIN, true);
                text(call.name(), true);
                special(SEPARATOR, true);
                text(call.arguments(), true);
                special(CALL_END, true);
            }
            special(CALLS_END, true);
        }
        special(END, true);
    }

    private void special(String token, boolean trained) {
        segments.add(new Segment(token, true, trained));
    }

    private void text(String text, boolean trained) {
        if (!text.isEmpty()) {
            segments.add(new Segment(text, false, trained));
        }
    }
}
