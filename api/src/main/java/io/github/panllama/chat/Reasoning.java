package io.github.panllama.chat;

import java.util.OptionalInt;

/**
 * Whether a model reasons before it answers, and for how long.
 *
 * @param enabled whether it does
 * @param budget the most tokens that it may think, where that is limited
 */
public record Reasoning(boolean enabled, OptionalInt budget) {
    private static final Reasoning ON = new Reasoning(true, OptionalInt.empty());
    private static final Reasoning OFF = new Reasoning(false, OptionalInt.empty());

    /** Refuses a budget that is negative, or of a model that shall not reason. */
    public Reasoning {
        budget.ifPresent(tokens -> {
            if (tokens < 0) {
                throw new IllegalArgumentException("budget is %d, must not be negative".formatted(tokens));
            }
        });
        if (!enabled && budget.isPresent()) {
            throw new IllegalArgumentException("A model that shall not reason has no budget for it");
        }
    }

    /** As long as it likes. */
    public static Reasoning on() {
        return ON;
    }

    /**
     * Not at all. A model whose template gives no such choice has its reasoning ended as soon as it begins, where the
     * template tells how reasoning is marked.
     */
    public static Reasoning off() {
        return OFF;
    }

    /**
     * At most so many tokens; then it has to answer.
     *
     * @param tokens 0 or more
     */
    public static Reasoning limited(int tokens) {
        return new Reasoning(true, OptionalInt.of(tokens));
    }
}
