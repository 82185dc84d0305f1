package io.github.panllama.chat;

import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.internal.worker.WorkerCalls;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A template that is compiled in an engine's worker, and in the next one when that has crashed.
 *
 * <p><b>Threads.</b> Any.
 */
final class RemoteTemplate implements TemplateSource {
    /** Marks, such as {@code <think>}, are asked for again and again. */
    private static final int MAX_MARK = 64;

    private static final int MAX_MARKS = 1024;

    private final LlamaEngine engine;
    private final WorkerCalls calls;
    private final @Nullable String text;
    private final Description description;
    private final Map<String, int[]> marks = new ConcurrentHashMap<>();
    private final Map<Long, byte[]> pieces = new ConcurrentHashMap<>();

    private record Description(String source, boolean ofModel, boolean thinking, boolean tools, boolean system) {}

    private RemoteTemplate(LlamaEngine engine, @Nullable String text) {
        if (!(engine instanceof WorkerCalls worker)) {
            throw new IllegalArgumentException("The engine %s has no worker".formatted(engine));
        }
        this.engine = engine;
        this.calls = worker;
        this.text = text == null ? null : TemplateText.check(text);
        this.description = call(
                TemplateService.DESCRIBE,
                out -> out.putNullableString(text),
                in -> new Description(
                        TemplateCodec.text(in, "source"),
                        in.getBoolean("ofModel"),
                        in.getBoolean("thinking"),
                        in.getBoolean("tools"),
                        in.getBoolean("system")));
    }

    /**
     * The template of an isolated engine's model.
     *
     * @param text another one than the model's own; {@code null} for that
     */
    static RemoteTemplate of(LlamaEngine engine, @Nullable String text) {
        return new RemoteTemplate(engine, text);
    }

    /** Makes an answer of the fields of a reply, or fails as the template did in the worker. */
    private <T> T call(int call, Consumer<FrameWriter> arguments, WorkerCalls.Decoder<T> decoder) {
        return tryCall(call, arguments, decoder, "")
                .orElseThrow(
                        () -> new IllegalStateException("The worker does not know a prompt that was not asked for"));
    }

    /**
     * As {@link #call}; empty where the worker does not know the prompt.
     *
     * @param reply what is to be parsed
     */
    <T> Optional<T> tryCall(int call, Consumer<FrameWriter> arguments, WorkerCalls.Decoder<T> decoder, String reply) {
        Answer<T> answer = calls.callService(call, arguments, in -> Answer.read(in, decoder));
        return switch (answer.status()) {
            case TemplateService.TEMPLATE_FAILED -> throw new ChatTemplateException(answer.message());
            case TemplateService.PARSE_FAILED -> throw new ChatParseException(answer.message(), reply);
            default -> Optional.ofNullable(answer.value());
        };
    }

    private record Answer<T>(
            int status, String message, @Nullable T value) {
        static <T> Answer<T> read(FrameReader in, WorkerCalls.Decoder<T> decoder) throws ProtocolException {
            int status = in.getByte("status");
            return status == TemplateService.OK
                    ? new Answer<>(status, "", decoder.read(in))
                    : new Answer<>(status, TemplateCodec.text(in, "message"), null);
        }
    }

    /** What the worker has made of a conversation. */
    record Rendered(long id, boolean continues, Map<Integer, List<String>> texts) {}

    Rendered renderRemotely(List<ChatMessage> messages, ChatTemplateOptions options, boolean requiredToolAlone) {
        return call(
                TemplateService.RENDER,
                out -> {
                    out.putNullableString(text).putBoolean(requiredToolAlone);
                    TemplateCodec.write(messages, out);
                    TemplateCodec.write(options, out);
                },
                in -> new Rendered(in.getLong("prompt"), in.getBoolean("continues"), TemplateCodec.readTexts(in)));
    }

    @Override
    public String source() {
        return description.source();
    }

    @Override
    public boolean isOfModel() {
        return description.ofModel();
    }

    @Override
    public boolean supports(String capability) {
        return switch (capability) {
            case "enable_thinking" -> description.thinking();
            case "supports_tools" -> description.tools();
            case "supports_system_role" -> description.system();
            default -> throw new IllegalArgumentException("The capability %s is not known".formatted(capability));
        };
    }

    @Override
    public ChatPrompt render(List<ChatMessage> messages, ChatTemplateOptions options, boolean requiredToolAlone) {
        Rendered rendered = renderRemotely(messages, options, requiredToolAlone);
        RemotePrompt prompt =
                new RemotePrompt(this, rendered, () -> renderRemotely(messages, options, requiredToolAlone));
        return new ChatPrompt(prompt, !options.tools.isEmpty(), rendered.continues());
    }

    @Override
    public int[] encode(String what, boolean addSpecial, boolean parseSpecial) {
        if (addSpecial || !parseSpecial || what.length() > MAX_MARK) {
            return engine.encode(what, addSpecial, parseSpecial);
        }
        int[] known = marks.get(what);
        if (known == null) {
            known = engine.encode(what, false, true);
            if (marks.size() < MAX_MARKS) {
                marks.put(what, known);
            }
        }
        return known.clone();
    }

    byte[] piece(int token, boolean special) {
        long key = 2L * token + (special ? 1 : 0);
        byte[] known = pieces.get(key);
        if (known == null) {
            known = call(
                    TemplateService.PIECE,
                    out -> out.putInt(token).putBoolean(special),
                    in -> in.getBytes("piece", Integer.MAX_VALUE));
            pieces.put(key, known);
        }
        return known;
    }
}
