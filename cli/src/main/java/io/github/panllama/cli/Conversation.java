package io.github.panllama.cli;

import io.github.panllama.Batch;
import io.github.panllama.ContextMemory;
import io.github.panllama.ContextOptions;
import io.github.panllama.DecodeException;
import io.github.panllama.DecodeStatus;
import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.SamplingOptions;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatParseException;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ReplyStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A conversation with a model, whose memory lasts from turn to turn: a turn evaluates what is new of its prompt, and
 * what the template no longer shows of earlier turns, such as reasoning, is removed from the memory first.
 *
 * <p><b>Threads.</b> One, but for {@link #stop()}.
 */
final class Conversation implements AutoCloseable {
    private final LlamaModel model;
    private final ChatTemplate template;
    private final LlamaContext context;
    private final Batch batch;
    private final List<ChatMessage> system;
    private final List<ChatMessage> messages = new ArrayList<>();
    /** The tokens whose state the memory holds. */
    private int[] held = new int[0];

    private volatile boolean stopped;

    Conversation(LlamaModel model, ContextOptions options, List<ChatMessage> system) {
        if (model.hasEncoder() || !model.hasDecoder()) {
            throw new FailureException("chat needs a model that only decodes; this one is " + model.description());
        }
        this.model = model;
        this.template = ChatTemplate.of(model);
        this.system = List.copyOf(system);
        this.context = UsageException.checking(() -> model.newContext(options));
        this.batch = context.newBatch();
        clear();
    }

    /** Begins anew, with what the system says. */
    void clear() {
        messages.clear();
        messages.addAll(system);
    }

    /** Makes the answer that is being given end; may be called from any thread. */
    void stop() {
        stopped = true;
        context.abort();
    }

    /**
     * Asks, and answers with the model's reply, which then belongs to the conversation like the question. If it throws
     * anything, the question does not.
     *
     * @param onDelta told of the reply as it comes
     * @throws FailureException if the conversation does not fit the context
     */
    Turn ask(
            String question,
            ChatTemplateOptions how,
            SamplingOptions sampling,
            int maxTokens,
            Consumer<ReplyStream.Delta> onDelta) {
        long start = System.nanoTime();
        stopped = false;
        messages.add(ChatMessage.user(question));
        boolean answered = false;
        try (Sampler sampler = Sampler.of(model, sampling)) {
            ChatPrompt prompt = template.render(messages, how);
            int[] tokens = prompt.tokens();
            int room = context.sequenceContextSize();
            if (tokens.length >= room) {
                throw new FailureException(
                        "the context is full: the conversation has %d tokens and the context %d; begin anew (/clear), or give --context a larger number"
                                .formatted(tokens.length, room));
            }
            Turn turn =
                    new Answer(prompt, tokens, sampler, Math.min(maxTokens, room - tokens.length), start).give(onDelta);
            messages.add(turn.reply().toMessage());
            answered = true;
            return turn;
        } finally {
            if (!answered) {
                messages.removeLast();
            }
        }
    }

    /** One answer. */
    private final class Answer {
        private final ReplyStream stream;
        private final int[] prompt;
        private final Sampler sampler;
        private final int maxTokens;
        private final long start;
        private int generated;

        Answer(ChatPrompt prompt, int[] tokens, Sampler sampler, int maxTokens, long start) {
            this.stream = prompt.newReplyStream();
            this.prompt = tokens;
            this.sampler = sampler;
            this.maxTokens = maxTokens;
            this.start = start;
        }

        Turn give(Consumer<ReplyStream.Delta> onDelta) {
            int kept = rewind(prompt);
            String finish = "stopped";
            Duration first = Duration.ZERO;
            if (evaluate(prompt, kept)) {
                finish = FinishReason.LENGTH.name();
                while (generated < maxTokens) {
                    int token = sampler.sample(context, batch.size() - 1);
                    first = generated == 0 ? since(start) : first;
                    if (model.tokenizer().isEndOfGeneration(token)) {
                        finish = FinishReason.STOP.name();
                        break;
                    }
                    generated++;
                    onDelta.accept(stream.append(token));
                    if (generated < maxTokens && !evaluate(new int[] {token}, 0)) {
                        finish = "stopped";
                        break;
                    }
                }
            }
            try {
                onDelta.accept(stream.finish());
            } catch (ChatParseException e) {
                // Cut short, or not as the model should write: what could be told of it stays.
            }
            return new Turn(
                    stream.reply(),
                    finish.toLowerCase(Locale.ROOT),
                    prompt.length,
                    kept,
                    generated,
                    first,
                    since(start));
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Removes from the memory what the prompt does not begin with, and answers how many of its tokens are there. */
    private int rewind(int[] prompt) {
        int same = Arrays.mismatch(held, prompt);
        // The last token is evaluated in any case: its output is what the answer begins with.
        int kept = Math.min(same < 0 ? held.length : same, prompt.length - 1);
        if (kept == 0 || !context.memory().remove(0, kept, ContextMemory.END)) {
            context.memory().clear();
            kept = 0;
        }
        held = Arrays.copyOf(held, kept);
        return kept;
    }

    /** Evaluates tokens after those held, in batches; answers {@code false} if it was stopped. */
    private boolean evaluate(int[] tokens, int from) {
        for (int at = from; at < tokens.length; at += batch.size()) {
            int to = Math.min(tokens.length, at + batch.capacity());
            batch.clear();
            batch.addAll(tokens, at, to, held.length, 0, to == tokens.length);
            if (!decode()) {
                return false;
            }
            int[] more = Arrays.copyOf(held, held.length + to - at);
            System.arraycopy(tokens, at, more, held.length, to - at);
            held = more;
        }
        return !stopped;
    }

    private boolean decode() {
        while (!stopped) {
            try {
                context.decode(batch);
                return true;
            } catch (DecodeException e) {
                boolean kept = forgetBatch();
                if (e.status() != DecodeStatus.ABORTED) {
                    throw e;
                }
                // If nobody stops this answer, the stop came late for the last.
                if (!kept) {
                    return false;
                }
            }
        }
        return false;
    }

    /** Removes from the memory the part of a batch that may be there; answers whether the rest could stay. */
    private boolean forgetBatch() {
        if (context.memory().remove(0, held.length, ContextMemory.END)) {
            return true;
        }
        held = new int[0];
        context.memory().clear();
        return false;
    }

    @Override
    public void close() {
        batch.close();
        context.close();
    }
}
