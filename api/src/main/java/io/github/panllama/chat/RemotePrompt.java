package io.github.panllama.chat;

import io.github.panllama.internal.worker.WorkerCalls;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A conversation that was rendered in an engine's worker, and is again where that one does not know of it any more. */
final class RemotePrompt implements PromptSource {
    private final RemoteTemplate template;
    private final Supplier<RemoteTemplate.Rendered> again;
    private volatile RemoteTemplate.Rendered rendered;

    /**
     * A prompt.
     *
     * @param again renders it once more
     */
    RemotePrompt(RemoteTemplate template, RemoteTemplate.Rendered rendered, Supplier<RemoteTemplate.Rendered> again) {
        this.template = template;
        this.rendered = rendered;
        this.again = again;
    }

    @Override
    public List<String> texts(int kind) {
        return rendered.texts().getOrDefault(kind, List.of());
    }

    @Override
    public ChatReply parse(String reply, boolean partial) {
        Optional<ChatReply> parsed = tryParse(reply, partial);
        if (parsed.isEmpty()) {
            rendered = again.get();
            parsed = tryParse(reply, partial);
        }
        return parsed.orElseThrow(
                () -> new ChatTemplateException("The worker forgets the prompt as soon as it has rendered it"));
    }

    private Optional<ChatReply> tryParse(String reply, boolean partial) {
        long id = rendered.id();
        WorkerCalls.Decoder<ChatReply> decoder = TemplateCodec::readReply;
        return template.tryCall(
                TemplateService.PARSE,
                out -> TemplateCodec.put(out.putLong(id).putBoolean(partial), reply),
                decoder,
                reply);
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return template.encode(text, addSpecial, parseSpecial);
    }

    @Override
    public byte[] piece(int token, boolean special) {
        return template.piece(token, special);
    }
}
