package io.github.panllama.internal.worker;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Hears what comes over a channel. All calls are made on the channel's one thread, and must not block: nothing else is
 * read or written meanwhile.
 */
public interface FrameHandler {
    /**
     * Takes a frame.
     *
     * @param type its type, from 0 to 127
     * @param frame its fields; valid during this call only
     * @throws ProtocolException if they are not as they must be; this ends the channel
     */
    void onFrame(int type, FrameReader frame) throws ProtocolException;

    /** All frames that came together were given; what answers them can be flushed at once. */
    default void onBatchEnd() {}

    /**
     * An interval of {@link FrameChannel#tickEvery} is over. What had come by then was given out before.
     *
     * @throws ProtocolException to end the channel
     */
    default void onTick() throws ProtocolException {}

    /**
     * Nothing more will come. Called once.
     *
     * @param reason {@code null} when the other side has ended its output, or this side closed the channel
     */
    void onEnd(@Nullable IOException reason);
}
