package io.github.panllama.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * The messages of a chat, and which of them the model is still given.
 *
 * <p><b>Threads.</b> Any.
 */
final class ChatHistory {
    private List<ChatMessage> messages;
    /** Messages after the system's that the model is not given any more. */
    private int dropped;

    ChatHistory(List<ChatMessage> messages) {
        this.messages = List.copyOf(messages);
    }

    /** A state to go back to. */
    record Snapshot(List<ChatMessage> messages, int dropped) {}

    synchronized Snapshot snapshot() {
        return new Snapshot(messages, dropped);
    }

    synchronized void restore(Snapshot snapshot) {
        messages = snapshot.messages();
        dropped = snapshot.dropped();
    }

    synchronized List<ChatMessage> messages() {
        return messages;
    }

    synchronized void add(List<ChatMessage> more) {
        List<ChatMessage> longer = new ArrayList<>(messages);
        longer.addAll(more);
        messages = List.copyOf(longer);
    }

    /** Keeps the first messages. What was left out may be given again where it all fits. */
    synchronized void keep(int count) {
        messages = List.copyOf(messages.subList(0, count));
        if (head() + dropped >= count) {
            dropped = 0;
        }
    }

    synchronized int dropped() {
        return dropped;
    }

    /** Messages of the system at the start, which stay. */
    private int head() {
        int head = 0;
        while (head < messages.size() && isSystem(messages.get(head))) {
            head++;
        }
        return head;
    }

    private static boolean isSystem(ChatMessage message) {
        return message.role() == ChatRole.SYSTEM || message.role() == ChatRole.DEVELOPER;
    }

    /** What the model is given. */
    synchronized List<ChatMessage> given() {
        return givenFrom(head() + dropped);
    }

    /** What the model would be given if it began, after the system's messages, with this one. */
    synchronized List<ChatMessage> givenFrom(int first) {
        List<ChatMessage> given = new ArrayList<>(messages.subList(0, head()));
        given.addAll(messages.subList(first, messages.size()));
        return given;
    }

    /** Where what the model is given could begin instead, the oldest first: at each later question. */
    synchronized List<Integer> laterBegins() {
        List<Integer> begins = new ArrayList<>();
        for (int i = head() + dropped + 1; i < messages.size(); i++) {
            if (messages.get(i).role() == ChatRole.USER) {
                begins.add(i);
            }
        }
        return begins;
    }

    /** Leaves out what stands before a message, and answers how many messages that are. */
    synchronized int beginAt(int first) {
        int more = first - head() - dropped;
        dropped += more;
        return more;
    }

    /** Tool calls so far. */
    synchronized int toolCalls() {
        return messages.stream().mapToInt(message -> message.toolCalls().size()).sum();
    }
}
