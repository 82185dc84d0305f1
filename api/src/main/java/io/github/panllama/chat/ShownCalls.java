package io.github.panllama.chat;

import io.github.panllama.chat.ReplyStream.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;

/** The tool calls of a reply as far as they were given out. One thread at a time. */
final class ShownCalls {
    /** A parser begins the arguments by itself, with a bracket, where it has no more than a part of the name. */
    private static final int BEGUN = 2;

    private final List<ToolCall> shown = new ArrayList<>();

    /**
     * What is new in the calls that there are now.
     *
     * @param whole whether the reply has ended
     */
    List<ToolCallDelta> more(List<ToolCall> calls, boolean whole) {
        List<ToolCallDelta> more = new ArrayList<>();
        for (int i = Math.max(0, shown.size() - 1); i < calls.size(); i++) {
            boolean ended = whole || i < calls.size() - 1;
            if (i < shown.size()) {
                goOn(i, calls.get(i), ended, more);
            } else if (ended || calls.get(i).arguments().length() >= BEGUN) {
                begin(i, calls.get(i), more);
            } else {
                break;
            }
        }
        return more;
    }

    private void begin(int index, ToolCall call, List<ToolCallDelta> more) {
        shown.add(call);
        more.add(new ToolCallDelta(index, call.id(), call.name(), call.arguments()));
    }

    private void goOn(int index, ToolCall call, boolean ended, List<ToolCallDelta> more) {
        ToolCall before = shown.get(index);
        String arguments = ReplyStream.more(before.arguments(), call.arguments());
        // Some formats have the id behind the arguments, where it grows too.
        String id = ended && before.id().isEmpty() ? call.id() : "";
        if (!arguments.isEmpty() || !id.isEmpty()) {
            shown.set(index, new ToolCall(before.id() + id, before.name(), before.arguments() + arguments));
            more.add(new ToolCallDelta(index, id, "", arguments));
        }
    }
}
