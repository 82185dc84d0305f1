package io.github.panllama.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A conversation while it is put together. */
final class Draft {
    private final Skill skill;
    private final @Nullable String system;
    private final boolean json;
    private final boolean tools;
    private final List<Message> messages = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();

    private Draft(Skill skill, @Nullable String system, boolean json, boolean tools) {
        this.skill = skill;
        this.system = system;
        this.json = json;
        this.tools = tools;
    }

    /** With or without a system prompt that changes nothing. */
    static Draft plain(Skill skill, SplittableRandom random, boolean tools) {
        return new Draft(skill, SystemPrompts.plain(random), false, tools);
    }

    static Draft json(SplittableRandom random) {
        return new Draft(Skill.JSON, SystemPrompts.json(random), true, false);
    }

    /** Adds an earlier turn. */
    Draft add(Exchange exchange) {
        ask(exchange.question(), exchange.key());
        messages.add(Message.assistant(exchange.reply(json)));
        return this;
    }

    Draft addAll(List<Exchange> exchanges) {
        exchanges.forEach(this::add);
        return this;
    }

    /** Adds a question alone. */
    Draft ask(String question, String key) {
        messages.add(Message.user(question));
        if (!key.equals(Exchange.NO_INSTANCE)) {
            keys.add(key);
        }
        return this;
    }

    /** Adds a call of the calculator, and what came back. */
    Draft called(Calculation calculation) {
        messages.add(Message.assistant(Reply.call(calculation)));
        messages.add(Message.toolResult(String.valueOf(calculation.result())));
        return this;
    }

    Draft answered(Reply reply) {
        messages.add(Message.assistant(reply));
        return this;
    }

    /** Ends it with an exchange; its reasoning is there when thinking is on. */
    Conversation end(Exchange exchange, boolean thinking) {
        ask(exchange.question(), exchange.key());
        return end(thinking, thinking ? exchange.reasoning() : "", exchange.reply(json));
    }

    Conversation end(boolean thinking, String reasoning, Reply reply) {
        return new Conversation(skill, system, tools, thinking, messages, reasoning, reply, keys);
    }
}
