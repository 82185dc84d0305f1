package io.github.panllama.chat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Calls the tools of a reply, all at the same time, each on a virtual thread. Whatever they do becomes a result. */
final class ToolRunner {
    private final Map<String, ToolFunction> functions = new HashMap<>();

    ToolRunner(List<Tool> tools) {
        tools.forEach(tool -> functions.put(tool.name(), tool.function()));
    }

    /**
     * What came of the calls.
     *
     * @param results in the order of the calls
     * @param ended why they were broken off; {@code null} where they were not
     */
    record Outcome(
            List<ChatEvent.ToolResult> results, @Nullable ChatFinish ended) {}

    /** Refuses all calls, for a reason that the model is told. */
    static List<ChatEvent.ToolResult> refuse(List<ToolCall> calls, String reason) {
        return calls.stream().map(call -> failure(call, reason)).toList();
    }

    /**
     * Calls them and waits.
     *
     * @param left how long this may take
     * @param turn can be cancelled meanwhile
     */
    Outcome run(List<ToolCall> calls, Duration left, ChatTurn turn) {
        List<FutureTask<String>> tasks = new ArrayList<>();
        for (ToolCall call : calls) {
            FutureTask<String> task = new FutureTask<>(() -> function(call).call(call.arguments()));
            tasks.add(task);
            Thread.ofVirtual().name("panllama-tool-" + call.name()).start(task);
        }
        turn.stopsBy(() -> tasks.forEach(task -> task.cancel(true)));
        long deadline = System.nanoTime() + nanos(left);
        List<ChatEvent.ToolResult> results = new ArrayList<>();
        ChatFinish ended = null;
        for (int i = 0; i < tasks.size(); i++) {
            ToolCall call = calls.get(i);
            try {
                results.add(result(call, tasks.get(i).get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)));
            } catch (ExecutionException e) {
                results.add(failure(call, describe(e.getCause())));
            } catch (TimeoutException e) {
                tasks.forEach(task -> task.cancel(true));
                ended = ChatFinish.DEADLINE;
                results.add(failure(call, "it took too long"));
            } catch (CancellationException e) {
                ended = ended == null ? ChatFinish.CANCELLED : ended;
                results.add(failure(call, ended == ChatFinish.DEADLINE ? "it took too long" : "cancelled"));
            } catch (InterruptedException e) {
                // Nobody but a tool knows this thread, and none has it.
                throw new IllegalStateException(e);
            }
        }
        turn.stopsBy(() -> {});
        return new Outcome(results, ended);
    }

    private ToolFunction function(ToolCall call) {
        ToolFunction function = functions.get(call.name());
        if (function == null) {
            throw new IllegalArgumentException("there is no tool " + call.name());
        }
        return function;
    }

    private static long nanos(Duration duration) {
        return Math.min(TimeUnit.NANOSECONDS.convert(duration), Long.MAX_VALUE / 2);
    }

    private static ChatEvent.ToolResult result(ToolCall call, @Nullable String result) {
        return result == null ? failure(call, "it answered null") : new ChatEvent.ToolResult(call, result, false);
    }

    private static ChatEvent.ToolResult failure(ToolCall call, String reason) {
        return new ChatEvent.ToolResult(call, "error: " + reason, true);
    }

    private static String describe(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "unknown";
        }
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
    }
}
