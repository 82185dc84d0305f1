package io.github.panllama.cli;

import io.github.panllama.ContextFullException;
import io.github.panllama.chat.ChatEvent;
import io.github.panllama.chat.ChatJson;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatOptions;
import io.github.panllama.chat.ChatResult;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTurn;
import io.github.panllama.chat.LlamaChat;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The conversation of the command, which can begin anew, and go to a file and come back.
 *
 * <p><b>Threads.</b> One, but for {@link #stop()}.
 */
final class Conversation implements AutoCloseable {
    private final LlamaEngine engine;
    private final ChatTemplate template;
    private final ChatOptions options;
    private final List<ChatMessage> system;
    private LlamaChat chat;
    private Usage total = new Usage(0, 0, 0, 0, 0);
    private int turns;
    private @Nullable ChatResult last;
    private volatile @Nullable ChatTurn running;
    private volatile boolean answering;
    private volatile boolean stopped;

    Conversation(LlamaEngine engine, ChatOptions options, List<ChatMessage> system) {
        this.engine = engine;
        this.template = ChatTemplate.of(engine.model());
        this.options = options;
        this.system = List.copyOf(system);
        this.chat = chat(this.system);
    }

    private LlamaChat chat(List<ChatMessage> messages) {
        return LlamaChat.builder(engine)
                .template(template)
                .options(options)
                .messages(messages)
                .build();
    }

    /**
     * Asks, and waits for the answer, which then belongs to the conversation like the question. If it throws anything, the
     * question does not.
     *
     * @param onEvent told of the answer as it comes
     * @throws FailureException if the conversation does not fit the context
     */
    ChatResult ask(String question, Consumer<ChatEvent> onEvent) {
        stopped = false;
        answering = true;
        try (ChatTurn turn = chat.send(question)) {
            running = turn;
            if (stopped) {
                turn.cancel();
            }
            turn.forEach(onEvent);
            ChatResult result = turn.await();
            count(result);
            return result;
        } catch (ContextFullException e) {
            throw new FailureException(
                    "the context is full: %s; begin anew (/clear), or give --context a larger number"
                            .formatted(e.getMessage()),
                    e);
        } finally {
            running = null;
            answering = false;
        }
    }

    private void count(ChatResult result) {
        Usage usage = result.usage();
        total = new Usage(
                total.promptTokens() + usage.promptTokens(),
                total.cachedTokens() + usage.cachedTokens(),
                total.generatedTokens() + usage.generatedTokens(),
                0,
                0);
        turns++;
        last = result;
    }

    /** Makes the answer that is being given end; may be called from any thread. */
    void stop() {
        stopped = true; // also of one that is not on its way yet
        ChatTurn turn = running;
        if (turn != null) {
            turn.cancel();
        }
    }

    /** Whether an answer is being given; may be called from any thread. */
    boolean isAnswering() {
        return answering;
    }

    /** Begins anew, with what the system says. */
    void clear() {
        beginWith(system);
    }

    private void beginWith(List<ChatMessage> messages) {
        LlamaChat before = chat;
        chat = chat(messages);
        before.close();
    }

    /** Writes the messages to a file, as JSON, for the user alone. */
    int save(Path file) throws IOException {
        PrivateFile.write(file, ChatJson.write(chat.messages()) + "\n");
        return chat.messages().size();
    }

    /** Goes on with the messages of a file. */
    int load(Path file) throws IOException {
        List<ChatMessage> messages = ChatFiles.messages(file);
        beginWith(messages);
        return messages.size();
    }

    /** What was asked and computed so far. */
    String stats() {
        int messages = chat.messages().size();
        ChatResult result = last;
        if (result == null) {
            return "No answers yet; %d messages.".formatted(messages);
        }
        return String.format(
                Locale.ROOT,
                """
                %d answers, %d messages
                %d tokens of prompts, %d of them computed before; %d generated
                last answer: %d of %d prompt tokens computed before, %d generated in %d ms, %.1f tokens/s
                context: room for %d tokens""",
                turns,
                messages,
                total.promptTokens(),
                total.cachedTokens(),
                total.generatedTokens(),
                result.usage().cachedTokens(),
                result.usage().promptTokens(),
                result.usage().generatedTokens(),
                result.timings().duration().toMillis(),
                result.timings().tokensPerSecond(),
                engine.sequenceContextSize());
    }

    @Override
    public void close() {
        chat.close();
    }
}
