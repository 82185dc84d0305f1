package io.github.panllama.fuzz;

import io.github.panllama.chat.ChatJson;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTool;
import java.util.List;
import java.util.Optional;

/** Conversations and tools as JSON, as requests bring them. */
public final class ChatTarget implements FuzzTarget {
    private static final long BASE = 4L << 20;
    private static final int BYTES_PER_BYTE = 2048;

    /** Reads one of both forms. */
    private interface Reader<T> {
        List<T> read(String json);
    }

    @Override
    public void run(byte[] input) throws Exception {
        Input in = new Input(input);
        boolean tools = in.below(2) == 1;
        String text = in.text();
        long most = BASE + (long) BYTES_PER_BYTE * input.length;
        if (tools) {
            Optional<List<ChatTool>> read = Allocation.atMost(most, () -> read(ChatJson::tools, text));
            Expect.equal(read(ChatJson::tools, text), read, "two readings");
        } else {
            Optional<List<ChatMessage>> read = Allocation.atMost(most, () -> read(ChatJson::messages, text));
            if (read.isPresent()) {
                Expect.equal(
                        read(ChatJson::messages, ChatJson.write(read.get())), read, "what is written and read again");
            }
        }
    }

    private static <T> Optional<List<T>> read(Reader<T> reader, String text) {
        try {
            return Optional.of(reader.read(text));
        } catch (IllegalArgumentException e) {
            Expect.that(e.getMessage() != null, "it says why");
            return Optional.empty();
        }
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(Input.with(0, """
                        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
                        {"role": "assistant", "content": null, "reasoning_content": "So.", "tool_calls": [{"id": "1",
                        "function": {"name": "add", "arguments": {"a": 1, "b": "x"}}}]},
                        {"role": "tool", "tool_call_id": "1", "name": "add", "content": "2"}]"""), Input.with(1, """
                        [{"type": "function", "function": {"name": "add", "description": "Adds", "parameters": {"type": "object",
                        "properties": {"a": {"type": "integer"}}, "required": ["a"]}}}]"""));
    }
}
