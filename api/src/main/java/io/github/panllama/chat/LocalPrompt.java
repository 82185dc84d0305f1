package io.github.panllama.chat;

import io.github.panllama.Tokenizer;
import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/** A conversation that was rendered in this process. */
final class LocalPrompt implements PromptSource {
    private final Tokenizer tokenizer;
    private final MemorySegment prompt;

    LocalPrompt(Tokenizer tokenizer, MemorySegment prompt) {
        this.tokenizer = tokenizer;
        this.prompt = prompt;
    }

    @Override
    public List<String> texts(int kind) {
        return ChatNatives.texts(LlamaC::panllama_chat_prompt_text, prompt, kind);
    }

    @Override
    public ChatReply parse(String reply, boolean partial) {
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
        List<String> names = texts(parsed, LlamaC.PANLLAMA_CHAT_CALL_NAME());
        List<String> arguments = texts(parsed, LlamaC.PANLLAMA_CHAT_CALL_ARGUMENTS());
        List<String> ids = texts(parsed, LlamaC.PANLLAMA_CHAT_CALL_ID());
        List<ToolCall> calls = IntStream.range(0, names.size())
                .mapToObj(i -> new ToolCall(ids.get(i), names.get(i), arguments.get(i)))
                .toList();
        return new ChatReply(
                String.join("", texts(parsed, LlamaC.PANLLAMA_CHAT_CONTENT())),
                String.join("", texts(parsed, LlamaC.PANLLAMA_CHAT_REASONING())),
                calls);
    }

    private static List<String> texts(MemorySegment parsed, int kind) {
        return ChatNatives.texts(LlamaC::panllama_chat_reply_text, parsed, kind);
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return tokenizer.encode(text, addSpecial, parseSpecial);
    }

    @Override
    public byte[] piece(int token, boolean special) {
        return tokenizer.piece(token, special);
    }
}
