package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameChannel;
import io.github.panllama.internal.worker.FrameWriter;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a worker sends. What came of a step goes in one write. A client that is gone is nobody's failure: the process ends
 * then.
 *
 * <p><b>Threads.</b> Any.
 */
final class WorkerOutput {
    private final FrameChannel channel;
    private final Consumer<Throwable> whenFails;
    private final Map<Long, RelayedGeneration> generations = new ConcurrentHashMap<>();
    private volatile boolean waiting;

    /**
     * An output.
     *
     * @param whenFails is told what generations fail with
     */
    WorkerOutput(FrameChannel channel, Consumer<Throwable> whenFails) {
        this.channel = channel;
        this.whenFails = whenFails;
    }

    /** Sends with the next {@link #flush}. */
    void append(FrameWriter frame) {
        try {
            channel.append(frame);
            waiting = true;
        } catch (IOException e) {
            // Nobody reads any more.
        }
    }

    /** Sends now. */
    void send(FrameWriter frame) {
        append(frame);
        flush();
    }

    /** Sends what was appended. */
    void flush() {
        if (!waiting) {
            return;
        }
        waiting = false;
        try {
            channel.flush();
        } catch (IOException e) {
            // Nobody reads any more.
        }
    }

    void begins(RelayedGeneration generation) {
        generations.put(generation.id(), generation);
    }

    void ended(RelayedGeneration generation) {
        generations.remove(generation.id(), generation);
    }

    /** The generation of that id; {@code null} where it has ended. */
    @Nullable
    RelayedGeneration generation(long id) {
        return generations.get(id);
    }

    /** Called before a failure is sent, which it is not where the process ends of it. */
    void fails(Throwable failure) {
        whenFails.accept(failure);
    }
}
