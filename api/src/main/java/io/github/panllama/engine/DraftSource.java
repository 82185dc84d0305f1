package io.github.panllama.engine;

import java.util.List;

/**
 * Where drafts come from.
 *
 * <p><b>Threads.</b> The engine's own.
 */
interface DraftSource {
    /** Fills the drafts of the jobs of these slots, whose memories hold all of their tokens but the last. */
    void draft(List<Slot> slots);

    /** So many tokens of the last draft for a slot were right. */
    default void accepted(Slot slot, int count) {}

    /** Tokens in the middle of a sequence were forgotten, and the rest moved up. */
    default void shifted() {}

    /** A job that it drafted for has ended. */
    default void jobEnded() {}
}
