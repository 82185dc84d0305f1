package io.github.panllama.chat;

import io.github.panllama.FinishReason;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.GenerationChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Makes events of a reply that is being generated. */
final class ReplyReader {
    private final ChatPrompt prompt;
    private final ReplyStream stream;
    private final ChatTurn turn;

    /**
     * A reader.
     *
     * @param stops all texts that end the reply, the prompt's own included
     */
    ReplyReader(ChatPrompt prompt, List<String> stops, ChatTurn turn) {
        this.prompt = prompt;
        this.stream = prompt.newReplyStream(stops);
        this.turn = turn;
    }

    /** Whether the reply goes on with the last message, which it then has in it. */
    boolean isContinuation() {
        return prompt.isContinuation();
    }

    /** Reads as far as the reply goes. */
    void read(Generation generation) {
        for (GenerationChunk chunk : generation) {
            if (chunk.token().isPresent()) {
                tell(stream.append(chunk.token().getAsInt()));
            }
        }
    }

    /**
     * The reply. One that the model ended has to have its format; one that was cut short calls no tools.
     *
     * @param firstCall the number of its first tool call in the conversation, for ids where the format has none
     */
    ChatReply finish(CompletionResult completion, int firstCall) {
        boolean ended = isEndedByTheModel(completion);
        try {
            tell(stream.finish());
        } catch (ChatParseException e) {
            if (ended) {
                throw e;
            }
        }
        ChatReply reply = stream.reply();
        List<ToolCall> calls = ended ? withIds(reply.toolCalls(), firstCall) : List.of();
        for (int i = 0; i < calls.size(); i++) {
            turn.add(new ChatEvent.ToolCalled(i, calls.get(i)));
        }
        return new ChatReply(reply.content(), reply.reasoning(), calls);
    }

    /** A text that the application stops at is no end of the format. */
    private boolean isEndedByTheModel(CompletionResult completion) {
        return completion.finishReason() == FinishReason.STOP
                && completion.stopText().map(prompt.stops()::contains).orElse(true);
    }

    private void tell(ReplyStream.Delta delta) {
        if (!delta.reasoning().isEmpty()) {
            turn.add(new ChatEvent.Reasoning(delta.reasoning()));
        }
        if (!delta.content().isEmpty()) {
            turn.add(new ChatEvent.Content(delta.content()));
        }
        for (ReplyStream.ToolCallDelta call : delta.toolCalls()) {
            if (!call.name().isEmpty()) {
                turn.add(new ChatEvent.ToolCallBegun(call.index(), call.name()));
            }
            if (!call.arguments().isEmpty()) {
                turn.add(new ChatEvent.ToolCallDelta(call.index(), call.arguments()));
            }
        }
    }

    /** The same conversation gives the same ids. Nine letters and digits are what the strictest template takes. */
    private static List<ToolCall> withIds(List<ToolCall> calls, int first) {
        List<ToolCall> named = new ArrayList<>();
        for (ToolCall call : calls) {
            String id = call.id().isEmpty() ? String.format(Locale.ROOT, "call%05d", first + named.size()) : call.id();
            named.add(new ToolCall(id, call.name(), call.arguments()));
        }
        return named;
    }
}
