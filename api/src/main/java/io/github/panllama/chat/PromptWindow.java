package io.github.panllama.chat;

import io.github.panllama.ContextFullException;
import java.util.List;

/** Renders what a model is given of a chat, and leaves out of it what the context has no room for. */
final class PromptWindow {
    private final ChatTemplate template;
    private final int room;

    /**
     * A window.
     *
     * @param room tokens that the context has for prompt and reply
     */
    PromptWindow(ChatTemplate template, int room) {
        this.template = template;
        this.room = room;
    }

    /** What fits. */
    static final class Fitted {
        private final ChatPrompt prompt;
        private final int[] tokens;
        private final int dropped;

        Fitted(ChatPrompt prompt, int[] tokens, int dropped) {
            this.prompt = prompt;
            this.tokens = tokens;
            this.dropped = dropped;
        }

        ChatPrompt prompt() {
            return prompt;
        }

        /** Not to be written to. */
        int[] tokens() {
            return tokens;
        }

        /** Messages that are left out now and were not before. */
        int dropped() {
            return dropped;
        }
    }

    /**
     * The prompt for the next reply.
     *
     * @throws ContextFullException if it does not fit
     */
    Fitted fit(ChatHistory history, ChatTemplateOptions how, ChatOptions options) {
        Fitted whole = render(history.given(), how);
        boolean drops = options.historyPolicy == HistoryPolicy.DROP_OLDEST;
        int reply = drops ? Math.min(options.maxTokens, room / 4) : 1;
        if (whole.tokens().length + reply <= room) {
            return whole;
        }
        Fitted fitted = drops ? dropOldest(history, how, whole) : whole;
        if (fitted.tokens().length >= room) {
            throw new ContextFullException(
                    "The conversation has %d tokens%s, must have fewer than %d, what a sequence of the engine has room for"
                            .formatted(fitted.tokens().length, drops ? " without its older turns" : "", room));
        }
        return fitted;
    }

    /** As many turns as leave half of the room, or all but the last: the context is computed anew from there. */
    private Fitted dropOldest(ChatHistory history, ChatTemplateOptions how, Fitted whole) {
        List<Integer> begins = history.laterBegins();
        Fitted best = whole;
        int first = -1;
        int low = 0;
        int high = begins.size() - 1;
        while (low <= high) {
            int middle = (low + high) / 2;
            Fitted shorter = render(history.givenFrom(begins.get(middle)), how);
            boolean small = shorter.tokens().length <= room / 2;
            if (small || middle == begins.size() - 1) {
                best = shorter;
                first = begins.get(middle);
            }
            if (small) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return first < 0 ? whole : new Fitted(best.prompt(), best.tokens(), history.beginAt(first));
    }

    private Fitted render(List<ChatMessage> messages, ChatTemplateOptions how) {
        ChatPrompt prompt = template.render(messages, how);
        return new Fitted(prompt, prompt.tokens(), 0);
    }
}
