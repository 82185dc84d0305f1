package io.github.panllama.chat;

import io.github.panllama.LlamaModel;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.internal.worker.WorkerService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Renders conversations and reads replies in a worker. Some of the templates and prompts that were used last are kept; a
 * client makes others again.
 *
 * <p><b>Threads.</b> Any.
 */
final class TemplateService implements WorkerService {
    static final int DESCRIBE = 0;
    static final int RENDER = 1;
    static final int PARSE = 2;
    static final int PIECE = 3;

    /** How an answer begins. */
    static final int OK = 0;

    static final int TEMPLATE_FAILED = 1;
    static final int PARSE_FAILED = 2;
    static final int UNKNOWN_PROMPT = 3;

    private static final int MAX_TEMPLATES = 64;
    private static final int MAX_PROMPTS = 4096;

    private final LlamaModel model;
    private final Map<String, ChatTemplate> templates = new Latest<>(MAX_TEMPLATES);
    private final Map<Long, ChatPrompt> prompts = new Latest<>(MAX_PROMPTS);
    private @Nullable ChatTemplate ofModel;
    /** No two workers have the same. */
    private long nextPrompt = ThreadLocalRandom.current().nextLong();

    TemplateService(LlamaModel model) {
        this.model = model;
    }

    /** What was used last. */
    private static final class Latest<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;

        private final int most;

        Latest(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
        }
    }

    @Override
    public Answer read(int call, FrameReader in) throws ProtocolException {
        Answer answer = switch (call) {
            case DESCRIBE -> describe(in);
            case RENDER -> render(in);
            case PARSE -> parse(in);
            case PIECE -> piece(in);
            default -> throw new ProtocolException("A call of %d about templates".formatted(call));
        };
        in.end();
        return answer;
    }

    private synchronized ChatTemplate template(@Nullable String text) {
        if (text != null) {
            return templates.computeIfAbsent(text, key -> ChatTemplate.of(model, key));
        }
        ChatTemplate own = ofModel == null ? ChatTemplate.of(model) : ofModel;
        ofModel = own;
        return own;
    }

    private synchronized long keep(ChatPrompt prompt) {
        prompts.put(nextPrompt, prompt);
        return nextPrompt++;
    }

    private synchronized @Nullable ChatPrompt prompt(long id) {
        return prompts.get(id);
    }

    private Answer describe(FrameReader in) throws ProtocolException {
        String text = in.getNullableString("template", (int) TemplateText.MAX_BYTES);
        return reply -> write(reply, () -> {
            ChatTemplate template = template(text);
            boolean thinking = template.supportsThinking();
            boolean tools = template.supportsTools();
            boolean system = template.supportsSystem();
            return out -> {
                TemplateCodec.put(out, template.source());
                out.putBoolean(template.isOfModel());
                out.putBoolean(thinking).putBoolean(tools).putBoolean(system);
            };
        });
    }

    private Answer render(FrameReader in) throws ProtocolException {
        String text = in.getNullableString("template", (int) TemplateText.MAX_BYTES);
        boolean requiredToolAlone = in.getBoolean("requiredToolAlone");
        List<ChatMessage> messages = TemplateCodec.readMessages(in);
        ChatTemplateOptions options = TemplateCodec.readOptions(in);
        return reply -> write(reply, () -> {
            ChatPrompt prompt = template(text).template().render(messages, options, requiredToolAlone);
            long id = keep(prompt);
            return out -> TemplateCodec.write(prompt, out.putLong(id));
        });
    }

    private Answer parse(FrameReader in) throws ProtocolException {
        ChatPrompt prompt = prompt(in.getLong("prompt"));
        boolean partial = in.getBoolean("partial");
        String text = TemplateCodec.text(in, "reply");
        return reply -> {
            if (prompt == null) {
                reply.putByte(UNKNOWN_PROMPT).putString("");
            } else {
                write(reply, () -> {
                    ChatReply parsed = partial ? prompt.parsePartial(text) : prompt.parse(text);
                    return out -> TemplateCodec.write(parsed, out);
                });
            }
        };
    }

    private Answer piece(FrameReader in) throws ProtocolException {
        int token = in.getInt("token");
        boolean special = in.getBoolean("special");
        return reply -> write(reply, () -> {
            byte[] bytes = model.tokenizer().piece(token, special);
            return out -> out.putBytes(bytes);
        });
    }

    /** Makes an answer and writes it, or why there is none. */
    private static void write(FrameWriter reply, Supplier<Consumer<FrameWriter>> work) {
        Consumer<FrameWriter> fields;
        try {
            fields = work.get();
        } catch (ChatTemplateException e) {
            TemplateCodec.put(reply.putByte(TEMPLATE_FAILED), String.valueOf(e.getMessage()));
            return;
        } catch (ChatParseException e) {
            TemplateCodec.put(reply.putByte(PARSE_FAILED), String.valueOf(e.getMessage()));
            return;
        }
        fields.accept(reply.putByte(OK));
    }
}
