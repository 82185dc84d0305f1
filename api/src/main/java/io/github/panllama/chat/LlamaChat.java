package io.github.panllama.chat;

import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a model.
 *
 * {@snippet :
 * try (LlamaChat chat = LlamaChat.builder(engine).system("Answer in one sentence.").build()) {
 *     for (ChatEvent event : chat.send("What is 47 + 85?")) {
 *         if (event instanceof ChatEvent.Content(String text)) {
 *             System.out.print(text);
 *         }
 *     }
 *     System.out.println(chat.send("And plus 100?").text());
 * }
 * }
 *
 * <p>Each turn is rendered anew with the model's template. What was computed of the conversation lies in a {@link
 * Session}, and a turn computes its new tokens alone: from where the prompt differs from what is there.
 * {@link ChatResult#usage()} tells. Templates that leave out earlier reasoning make that an earlier place.
 *
 * <p>A turn goes on by itself, on a virtual thread; an engine serves many chats at the same time. When a turn fails, the
 * conversation is what it was before.
 *
 * <p><b>Threads.</b> Any; one turn at a time.
 */
public final class LlamaChat implements AutoCloseable {
    private final ChatContext context;
    private final ChatOptions options;
    private final @Nullable JsonBinding binding;
    private final boolean ownsSession;
    private @Nullable ChatTurn running;
    private boolean closed;

    private LlamaChat(ChatContext context, ChatOptions options, @Nullable JsonBinding binding, boolean ownsSession) {
        this.context = context;
        this.options = options;
        this.binding = binding;
        this.ownsSession = ownsSession;
    }

    /** A chat with nothing set. */
    public static LlamaChat of(LlamaEngine engine) {
        return builder(engine).build();
    }

    /** A builder for a chat over an engine. */
    public static Builder builder(LlamaEngine engine) {
        return new Builder(Objects.requireNonNull(engine, "engine"));
    }

    /** Collects what a chat begins with; each setter returns the builder. */
    public static final class Builder {
        private final LlamaEngine engine;
        private List<ChatMessage> messages = List.of();
        private ChatOptions options = ChatOptions.defaults();
        private @Nullable ChatTemplate template;
        private @Nullable Session session;
        private @Nullable JsonBinding binding;

        private Builder(LlamaEngine engine) {
            this.engine = engine;
        }

        /** What the model is told before the conversation, instead of messages that were set before. */
        public Builder system(String content) {
            return messages(List.of(ChatMessage.system(content)));
        }

        /** The conversation so far, instead of what was set before. */
        public Builder messages(List<ChatMessage> messages) {
            this.messages = List.copyOf(messages);
            return this;
        }

        /** How turns are asked for, unless one brings options of its own. */
        public Builder options(ChatOptions options) {
            this.options = Objects.requireNonNull(options, "options");
            return this;
        }

        /** Changes the options as set so far. */
        public Builder options(Consumer<ChatOptions.Builder> change) {
            ChatOptions.Builder changed = options.toBuilder();
            change.accept(changed);
            return options(changed.build());
        }

        /** The template; the model's own unless set. Chats of a model share one best, which remembers formats. */
        public Builder template(ChatTemplate template) {
            this.template = Objects.requireNonNull(template, "template");
            return this;
        }

        /**
         * The session that holds what is computed, such as one that was saved; it stays the caller's, who closes it and
         * does nothing else with it meanwhile. One of the chat's own, unless set.
         */
        public Builder session(Session session) {
            this.session = Objects.requireNonNull(session, "session");
            return this;
        }

        /** What {@link LlamaChat#ask} reads JSON with; the one that is installed unless set. */
        public Builder jsonBinding(JsonBinding binding) {
            this.binding = Objects.requireNonNull(binding, "binding");
            return this;
        }

        /**
         * The chat.
         *
         * @throws io.github.panllama.engine.EngineClosedException if the engine is closed
         * @throws ChatTemplateException if the model's template does not compile
         */
        public LlamaChat build() {
            ChatTemplate used = template == null ? ChatTemplate.of(engine) : template;
            Session held = session == null ? engine.openSession() : session;
            ChatContext context = new ChatContext(engine, used, held, new ChatHistory(messages));
            return new LlamaChat(context, options, binding, session == null);
        }
    }

    /** Asks a question. Throws as {@link #send(List, ChatOptions)}. */
    public ChatTurn send(String question) {
        return send(question, options);
    }

    /** Asks a question with options for this turn. Throws as {@link #send(List, ChatOptions)}. */
    public ChatTurn send(String question, ChatOptions options) {
        return send(List.of(ChatMessage.user(question)), options);
    }

    /** Goes on with messages, such as the results of tools. Throws as {@link #send(List, ChatOptions)}. */
    public ChatTurn send(List<ChatMessage> messages) {
        return send(messages, options);
    }

    /**
     * Goes on with messages.
     *
     * @return the turn, which goes on by itself
     * @throws IllegalStateException if the last turn has not ended, or the chat is closed
     * @throws ChatTemplateException if the template refuses the conversation
     * @throws io.github.panllama.ContextFullException if the conversation does not fit the context
     * @throws io.github.panllama.engine.EngineBusyException if as many requests wait as may
     * @throws io.github.panllama.engine.EngineClosedException if the engine is closed
     * @throws IllegalArgumentException if there are no messages, they are too long, or as for
     *     {@link LlamaEngine#generate}
     */
    public synchronized ChatTurn send(List<ChatMessage> messages, ChatOptions options) {
        List<ChatMessage> more = List.copyOf(messages);
        Objects.requireNonNull(options, "options");
        if (more.isEmpty()) {
            throw new IllegalArgumentException("There are no messages to send");
        }
        return start(options, history -> history.add(more));
    }

    /** Has the last question, or what tools answered last, answered anew. Throws as {@link #regenerate(ChatOptions)}. */
    public ChatTurn regenerate() {
        return regenerate(options);
    }

    /**
     * Has the last question, or what tools answered last, answered anew, with options for this turn.
     *
     * @throws IllegalStateException if nothing was asked yet, or as {@link #send(List, ChatOptions)} throws
     */
    public synchronized ChatTurn regenerate(ChatOptions options) {
        Objects.requireNonNull(options, "options");
        checkIdle();
        List<ChatMessage> all = context.history().messages();
        int last = all.size() - 1;
        while (last >= 0
                && all.get(last).role() != ChatRole.USER
                && all.get(last).role() != ChatRole.TOOL) {
            last--;
        }
        if (last < 0) {
            throw new IllegalStateException("Nothing was asked yet that could be answered anew");
        }
        int kept = last + 1;
        return start(options, history -> history.keep(kept));
    }

    /**
     * Puts a message in the place of another one, forgets what followed that, and has it answered. Throws as
     * {@link #send(List, ChatOptions)}.
     *
     * @param index of the message in {@link #messages()}
     * @param message anything but an answer
     */
    public synchronized ChatTurn edit(int index, ChatMessage message) {
        Objects.requireNonNull(message, "message");
        checkIdle();
        int size = messages().size();
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException(
                    "index is %d, must be in [0, %d), what the conversation has".formatted(index, size));
        }
        if (message.role() == ChatRole.ASSISTANT) {
            throw new IllegalArgumentException("A message of the assistant cannot be answered");
        }
        return start(options, history -> {
            history.keep(index);
            history.add(List.of(message));
        });
    }

    private ChatTurn start(ChatOptions options, Consumer<ChatHistory> change) {
        checkIdle();
        ChatHistory.Snapshot before = context.history().snapshot();
        ChatRun run = new ChatRun(context, before, options, this::ended);
        try {
            change.accept(context.history());
            running = run.begin();
            Thread.ofVirtual().name("panllama-chat").start(run);
            return running;
        } catch (Throwable e) {
            context.history().restore(before);
            throw e;
        }
    }

    private synchronized void ended() {
        running = null;
    }

    private void checkIdle() {
        if (closed) {
            throw new IllegalStateException("The chat is closed");
        }
        if (running != null) {
            throw new IllegalStateException("The last turn of the chat has not ended");
        }
    }

    /**
     * Asks a question that is answered with a value: the type becomes a JSON schema, which the answer has to have. Reasoning
     * comes before it where the options and the template have it so.
     *
     * @param type such as a record
     * @throws StructuredOutputException if the answer ended before the value did, or cannot be read
     * @throws IllegalStateException if there is no {@link JsonBinding}, or as {@link #send(List, ChatOptions)} throws
     */
    public <T> T ask(Class<T> type, String question) {
        return ask(type, question, options);
    }

    /** As {@link #ask(Class, String)}, with options for this turn. */
    public <T> T ask(Class<T> type, String question, ChatOptions options) {
        Objects.requireNonNull(type, "type");
        return StructuredTurn.cast(type, StructuredTurn.ask(this, type, question, options));
    }

    /** As {@link #ask(Class, String)}, for a list of such values. */
    public <T> List<T> askList(Class<T> type, String question) {
        return StructuredTurn.list(type, StructuredTurn.ask(this, new ListType(type), question, options));
    }

    JsonBinding binding() {
        return binding == null ? JsonBinding.load() : binding;
    }

    /** The conversation: what was asked and answered, also what the model is not given any more. */
    public List<ChatMessage> messages() {
        return context.history().messages();
    }

    /** How many messages the model is not given any more: {@link HistoryPolicy#DROP_OLDEST}. */
    public int droppedMessages() {
        return context.history().dropped();
    }

    /**
     * Forgets the end of the conversation.
     *
     * @param messages how many messages stay
     * @throws IllegalStateException if the last turn has not ended, or the chat is closed
     */
    public synchronized void rewind(int messages) {
        checkIdle();
        int size = context.history().messages().size();
        if (messages < 0 || messages > size) {
            throw new IllegalArgumentException(
                    "messages is %d, must be in [0, %d], what the conversation has".formatted(messages, size));
        }
        context.history().keep(messages);
    }

    /**
     * What the model would be given if this question were asked now: without the older turns that would be left out then.
     *
     * @throws ChatTemplateException if the template refuses the conversation
     * @throws io.github.panllama.ContextFullException if the conversation and the question do not fit the context
     */
    public ChatPrompt prompt(String question) {
        ChatHistory asked = new ChatHistory(messages());
        asked.restore(context.history().snapshot());
        asked.add(List.of(ChatMessage.user(question)));
        return context.window().fit(asked, options.template(true), options).prompt();
    }

    /**
     * Another chat that goes on from here, with the same options.
     *
     * @throws IllegalStateException if the last turn has not ended, or the chat is closed
     * @throws io.github.panllama.engine.EngineClosedException if the engine is closed
     */
    public synchronized LlamaChat fork() {
        checkIdle();
        ChatHistory copy = new ChatHistory(messages());
        copy.restore(context.history().snapshot());
        ChatContext other = new ChatContext(
                context.engine(), context.template(), context.session().fork(), copy);
        return new LlamaChat(other, options, binding, true);
    }

    /** How turns are asked for, unless one brings options of its own. */
    public ChatOptions options() {
        return options;
    }

    /** The template. */
    public ChatTemplate template() {
        return context.template();
    }

    /**
     * Cancels a turn that has not ended and waits for it, and forgets what was computed. May be called twice. The engine
     * stays open.
     */
    @Override
    public void close() {
        ChatTurn last;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            last = running;
        }
        if (last != null) {
            last.cancel();
            last.result().handle((result, failure) -> true).join();
        }
        if (ownsSession) {
            context.session().close();
        }
    }
}
